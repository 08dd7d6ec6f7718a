"""Write dashboards/*.json for Grafana from the tables below.

    python deploy/observability/dashboards.py

A dashboard is rows of panels; a panel is (title, unit, {legend: expression}). Three panels fill a row.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from county_panels import COUNTY

DIRECTORY = Path(__file__).with_name("dashboards")
WIDTH, HEIGHT = 8, 7
SOURCE = {"type": "prometheus", "uid": "${source}"}

Panel = tuple[str, str, dict[str, str]]

OVERVIEW: list[Panel] = [
    ("Processes that answer 在线进程", "short", {"{{service}}": 'sum by (service) (up{service!=""})'}),
    ("Versions 版本", "short", {"{{service}} {{version}}": "count by (service, version) (build_info)"}),
    ("Requests a second 请求", "reqps", {"{{service}} {{result}}": "service:graphql_requests:rate5m"}),
    ("Requests, p99", "s", {"{{service}}": "service:graphql_request_seconds:p99_5m"}),
    ("Commands a second 命令", "ops", {"{{service}}": "sum by (service) (service:commands:rate5m)"}),
    ("Commands, p99", "s", {"{{service}}": "service:command_seconds:p99_5m"}),
    (
        "Refusals by rule 业务拒绝",
        "ops",
        {"{{service}} {{result}}": 'service:commands:rate5m{result!~"OK|DEFECT"}'},
    ),
    (
        "Faults 故障",
        "ops",
        {
            "{{service}} commands": 'service:commands:rate5m{result="DEFECT"}',
            "{{service}} {{code}}": (
                "sum by (service, code) "
                '(rate(graphql_errors_total{code=~"GEN_INTERNAL|GEN_DEPENDENCY_UNAVAILABLE"}[5m]))'
            ),
        },
    ),
    (
        "Refused requests 拒绝",
        "ops",
        {"{{service}} {{code}}": "sum by (service, code) (rate(graphql_refused_total[5m]))"},
    ),
    ("CPU", "percentunit", {"{{service}}": 'sum by (service) (rate(process_cpu_seconds_total{service!=""}[5m]))'}),
    ("Memory 内存", "bytes", {"{{service}} {{pod}}": 'process_resident_memory_bytes{service!=""}'}),
    ("Open files 文件", "short", {"{{service}} {{pod}}": 'process_open_fds{service!=""}'}),
]

EVENTS: list[Panel] = [
    (
        "Waiting in the outbox 待发布",
        "short",
        {"{{service}}": "max by (service) (outbox_backlog)"},
    ),
    ("Oldest in the outbox", "s", {"{{service}}": "max by (service) (outbox_oldest_seconds)"}),
    ("Decision to acknowledgement, p99", "s", {"{{service}}": "service:outbox_seconds:p99_5m"}),
    ("Published a second 已发布", "ops", {"{{service}}": "sum by (service) (rate(outbox_published_total[5m]))"}),
    (
        "Failed sends 发布失败",
        "ops",
        {"{{service}} {{error}}": "sum by (service, error) (rate(outbox_failures_total[5m]))"},
    ),
    ("Held subjects", "short", {"{{service}}": "max by (service) (outbox_held_subjects and outbox_lease > 0)"}),
    ("Behind 消费滞后", "short", {"{{service}} {{topic}}": "sum by (service, topic) (inbox_lag)"}),
    (
        "Consumed a second 已消费",
        "ops",
        {"{{service}} {{result}}": "sum by (service, result) (rate(inbox_events_total[5m]))"},
    ),
    (
        "Effects tried again 重试",
        "ops",
        {"{{service}} {{error}}": "sum by (service, error) (rate(inbox_retries_total[5m]))"},
    ),
    ("Parked 暂存", "short", {"{{service}} {{reason}}": "max by (service, reason) (inbox_parked)"}),
    ("Parked subjects", "short", {"{{service}}": "max by (service) (inbox_parked_subjects)"}),
    (
        "Leases taken, consumers replaced",
        "short",
        {
            "{{service}} lease": "sum by (service) (increase(outbox_terms_total[15m]))",
            "{{service}} consumer {{error}}": "sum by (service, error) (increase(inbox_restarts_total[15m]))",
        },
    ),
    (
        "Parkings by reason",
        "short",
        {"{{service}} {{reason}}": "sum by (service, reason) (increase(inbox_parkings_total[15m]))"},
    ),
]

GATEWAY: list[Panel] = [
    ("Requests a second 请求", "reqps", {"{{kind}} {{outcome}}": "gateway:requests:rate5m"}),
    ("Time to answer, p99", "s", {"{{kind}}": "gateway:request_seconds:p99_5m"}),
    (
        "Time to answer, p50",
        "s",
        {"": "histogram_quantile(0.5, sum by (le) (rate(gateway_request_duration_seconds_bucket[5m])))"},
    ),
    (
        "Subgraph calls a second",
        "reqps",
        {"{{subgraph}} {{outcome}}": "sum by (subgraph, outcome) (rate(gateway_subgraph_requests_total[5m]))"},
    ),
    ("Subgraph calls that fail", "percentunit", {"{{subgraph}}": "gateway:subgraph_failures:ratio5m"}),
    (
        "Subgraph calls, p99",
        "s",
        {
            "{{subgraph}}": (
                "histogram_quantile(0.99, sum by (subgraph, le) (rate(gateway_subgraph_duration_seconds_bucket[5m])))"
            )
        },
    ),
    ("Circuits (2: open) 熔断", "short", {"{{subgraph}}": "max by (subgraph) (gateway_subgraph_circuit)"}),
    ("Open subscriptions 订阅", "short", {"{{pod}}": "gateway_subscriptions_open"}),
    (
        "Operations prepared, cached",
        "short",
        {
            "prepared {{result}}": "sum by (result) (increase(gateway_operations_prepared_total[5m]))",
            "cached": "max(gateway_operations_cached)",
        },
    ),
    (
        "Cost of operations, p99",
        "short",
        {"": "histogram_quantile(0.99, sum by (le) (rate(gateway_operation_cost_bucket[5m])))"},
    ),
    (
        "Supergraphs 超图",
        "short",
        {
            "{{sha256}}": "count by (sha256) (gateway_supergraph)",
            "{{outcome}}": "sum by (outcome) (increase(gateway_supergraph_reloads_total[1h]))",
        },
    ),
    ("Age of the supergraph", "s", {"{{pod}}": "time() - gateway_supergraph_loaded_timestamp_seconds"}),
    ("Versions 版本", "short", {"{{version}}": "count by (version) (gateway_build_info)"}),
]

DASHBOARDS: dict[str, tuple[str, list[Panel]]] = {
    "overview": ("Lanling · overview 总览", OVERVIEW),
    "events": ("Lanling · events 事件", EVENTS),
    "gateway": ("Lanling · gateway 网关", GATEWAY),
    "county": ("Lanling · county matters 县域事务", COUNTY),
}


def dashboard(name: str) -> dict[str, Any]:
    title, panels = DASHBOARDS[name]
    return {
        "uid": f"lanling-{name}",
        "title": title,
        "tags": ["lanling"],
        "schemaVersion": 39,
        "timezone": "browser",
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [{"name": "source", "type": "datasource", "query": "prometheus", "label": "Prometheus"}]
        },
        "panels": [_panel(number, *panel) for number, panel in enumerate(panels)],
    }


def _panel(number: int, title: str, unit: str, expressions: dict[str, str]) -> dict[str, Any]:
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": title,
        "datasource": SOURCE,
        "gridPos": {"x": number % 3 * WIDTH, "y": number // 3 * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
        "targets": [
            {"refId": chr(ord("A") + index), "datasource": SOURCE, "expr": expression, "legendFormat": legend}
            for index, (legend, expression) in enumerate(expressions.items())
        ],
    }


def text(name: str) -> str:
    return json.dumps(dashboard(name), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for one in DASHBOARDS:
        (DIRECTORY / f"{one}.json").write_text(text(one))
