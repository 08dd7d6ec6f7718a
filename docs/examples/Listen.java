import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Prints the events of a service as they come: Listen organization [--from-start].
 *
 * <p>A plain Kafka client is all that it takes: value = CloudEvents 1.0 JSON, key = the record's id.
 * KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD_FILE and KAFKA_CA_FILE are set where the broker asks who connects.
 */
public class Listen {
    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 0) {
            System.err.println("Listen SERVICE [--from-start]");
            System.exit(2);
        }
        String topic = "lanling." + arguments[0] + ".events";
        try (var consumer = new KafkaConsumer<String, String>(settings(System.getenv()))) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(partition -> new TopicPartition(topic, partition.partition()))
                            .toList();
            if (partitions.isEmpty()) {
                throw new KafkaException("there is no such topic, or you may not read it");
            }
            consumer.assign(partitions);
            if (List.of(arguments).contains("--from-start")) {
                consumer.seekToBeginning(partitions);
            } else {
                consumer.seekToEnd(partitions);
            }
            while (true) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                    System.out.println(record.value());
                }
            }
        } catch (KafkaException error) {
            System.err.println("cannot read " + topic + ": " + error.getMessage());
            System.exit(1);
        }
    }

    private static Map<String, Object> settings(Map<String, String> environment) throws Exception {
        var settings = new HashMap<String, Object>();
        settings.put("bootstrap.servers", environment.getOrDefault("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:19092"));
        settings.put("key.deserializer", StringDeserializer.class);
        settings.put("value.deserializer", StringDeserializer.class);
        settings.put("enable.auto.commit", false);
        settings.put("isolation.level", "read_committed");
        String user = environment.get("KAFKA_SASL_USERNAME");
        if (user != null) {
            String password = Files.readString(Path.of(environment.get("KAFKA_SASL_PASSWORD_FILE"))).strip();
            settings.put("security.protocol", "SASL_SSL");
            settings.put("ssl.truststore.type", "PEM");
            settings.put("ssl.truststore.location", environment.get("KAFKA_CA_FILE"));
            settings.put("sasl.mechanism", "SCRAM-SHA-512");
            settings.put(
                    "sasl.jaas.config",
                    "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
                            .formatted(user, password));
        }
        return settings;
    }
}
