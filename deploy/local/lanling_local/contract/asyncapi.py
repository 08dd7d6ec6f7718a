"""`schemas/asyncapi.json`: the AsyncAPI 3 document of all topics, from the topics' file and the event types.

Channels are topics, messages are event types; each service sends to its own topic, each subscriber receives from those
that its principal may read. Payloads refer to `envelope.json` and to the schema of the type.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lanling_local.contract.texts import bilingual, name_of
from lanling_local.topics import Topic

JsonObject = dict[str, Any]
ENVELOPE = "./envelope.json"
CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"
BINDING_VERSION = "0.5.0"
HEADERS = {
    "content-type": "内容类型 Content type",
    "ce_id": "事件标识 Id of the event",
    "ce_type": "事件类型 Type of the event",
    "ce_source": "发布服务 Service that publishes it",
    "ce_subject": "聚合标识 Id of the aggregate",
    "ce_sequence": "事件序号 Number among the events of the subject",
}
PUBLISHING = "与变更同一事务提交,由发件箱发布 Committed with the change itself, published from the outbox"
SUBSCRIBING = (
    "按 (source, subject, sequence) 去重,保持次序 Drop duplicates by (source, subject, sequence), keep the order"
)
DESCRIPTION = (
    "兰陵县社区治理系统的全部领域事件:CloudEvents 1.0,经 Apache Kafka,至少送达一次,同一聚合内有序,"
    "不含个人信息和自由文本。 All domain events of the community governance of Lanling county: CloudEvents 1.0 over "
    "Apache Kafka, at least once, in order for each aggregate, without personal data and free text."
)


def asyncapi_document(topics: Sequence[Topic], schemas: dict[str, dict[str, JsonObject]]) -> JsonObject:
    """`schemas`: service → event type → its JSON Schema. References are relative to the `schemas/` folder."""
    services = {topic.service: topic for topic in topics}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "兰陵县领域事件 Events of Lanling county",
            "version": "1.0.0",
            "description": DESCRIPTION,
        },
        "defaultContentType": "application/json",
        "servers": _servers(),
        "channels": {service: _channel(service, topic, schemas[service]) for service, topic in services.items()},
        "operations": {
            **{f"{service}.publish": _operation("send", service) for service in services},
            **{f"{service}.subscribe": _operation("receive", service) for service in services},
        },
        "components": {
            "messages": {
                name: _message(service, name, schema)
                for service in services
                for name, schema in sorted(schemas[service].items())
            },
            "messageTraits": {"cloudevent": _cloudevent()},
            "securitySchemes": {
                "scram": {
                    "type": "scramSha512",
                    "description": "每个系统一个账号,经 TLS One user for each system, over TLS",
                }
            },
        },
    }


def _servers() -> JsonObject:
    return {
        "county": {
            "host": "{broker}",
            "protocol": "kafka-secure",
            "description": "县级集群:TLS 与 SASL/SCRAM-SHA-512,按主题授权 The county's cluster: TLS and "
            "SASL/SCRAM-SHA-512, read rights by topic",
            "variables": {
                "broker": {
                    "description": "由运维部门告知 Given by the operators",
                    "examples": ["kafka.example.cn:9093"],
                }
            },
            "security": [{"$ref": "#/components/securitySchemes/scram"}],
        },
        "local": {
            "host": "127.0.0.1:19092",
            "protocol": "kafka",
            "description": "开发环境,由 make run 启动 Development, started by make run",
        },
    }


def _channel(service: str, topic: Topic, schemas: dict[str, JsonObject]) -> JsonObject:
    return {
        "address": topic.name,
        "title": f"{service} 服务的事件 Events of the {service} service",
        "description": "记录的键是聚合标识:同一聚合在同一分区内有序 The key of a record is the aggregate's id: the "
        "events of an aggregate stand in one partition, in order",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in sorted(schemas)},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": [topic.config["cleanup.policy"]],
                    "retention.ms": int(topic.config["retention.ms"]),
                    "retention.bytes": int(topic.config["retention.bytes"]),
                },
                "bindingVersion": BINDING_VERSION,
            }
        },
    }


def _operation(action: str, service: str) -> JsonObject:
    sends = action == "send"
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{service}"},
        "title": f"{service} 发布 {service} publishes" if sends else f"订阅 {service} Subscribe to {service}",
        "summary": PUBLISHING if sends else SUBSCRIBING,
        "bindings": {"kafka": _group(service if sends else None)},
    }


def _group(service: str | None) -> JsonObject:
    if service:
        return {"clientId": {"type": "string"}, "bindingVersion": BINDING_VERSION}
    group = "消费组名以本系统自己的前缀开头 The group's name begins with the prefix of your own system"
    return {"groupId": {"type": "string", "description": group}, "bindingVersion": BINDING_VERSION}


def _message(service: str, name: str, schema: JsonObject) -> JsonObject:
    chinese, english = bilingual(schema["description"])
    return {
        "name": name,
        "title": f"{chinese} {name_of(name)}",
        "summary": english,
        "traits": [{"$ref": "#/components/messageTraits/cloudevent"}],
        "payload": {
            "allOf": [
                {"$ref": ENVELOPE},
                {
                    "type": "object",
                    "properties": {
                        "source": {"const": f"/lanling/{service}"},
                        "type": {"const": name},
                        "dataschema": {"const": f"{service}/{name}.json"},
                        "data": {"$ref": f"./events/{service}/{name}.json"},
                    },
                },
            ]
        },
    }


def _cloudevent() -> JsonObject:
    return {
        "contentType": CONTENT_TYPE,
        "headers": {
            "type": "object",
            "properties": {name: {"type": "string", "description": text} for name, text in HEADERS.items()},
            "required": list(HEADERS),
        },
        "correlationId": {
            "location": "$message.payload#/correlationid",
            "description": "同一请求引起的一切共用 Shared by all that one request has caused",
        },
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": "聚合标识 Id of the aggregate"},
                "bindingVersion": BINDING_VERSION,
            }
        },
    }
