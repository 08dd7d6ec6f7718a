# Creates what is missing of topics.txt (name, partitions) beside this file. Kept for ever: the events are the history.
set -eu
while read -r topic partitions; do
  /opt/kafka/bin/kafka-topics.sh --bootstrap-server "$OPERATOR_BOOTSTRAP_SERVERS" --command-config "$OPERATOR_CONFIGURATION" \
    --create --if-not-exists --topic "$topic" --partitions "$partitions" \
    --config retention.ms=-1 --config retention.bytes=-1 --config cleanup.policy=delete </dev/null
done < "$(dirname "$0")/topics.txt"
