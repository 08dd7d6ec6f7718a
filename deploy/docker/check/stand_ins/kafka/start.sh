#!/bin/bash
# As the official image starts: its class makes the configuration and formats the directory, then the broker runs.
set -e
PATH=/opt/java/bin:$PATH
export CLASSPATH="/opt/kafka/libs/*"
said=$(java kafka.docker.KafkaDockerWrapper setup --default-configs-dir /etc/kafka/docker \
    --mounted-configs-dir /mnt/shared/config --final-configs-dir /opt/kafka/config 2>&1) \
    || grep -q "already formatted" <<<"$said" || { echo "$said"; exit 1; }
exec java -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dlog4j.configuration=file:/opt/kafka/log4j.properties \
    kafka.Kafka /opt/kafka/config/server.properties
