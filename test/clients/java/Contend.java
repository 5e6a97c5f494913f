import com.google.api.gax.core.NoCredentialsProvider;
import com.google.api.gax.grpc.GrpcTransportChannel;
import com.google.api.gax.rpc.FixedTransportChannelProvider;
import com.google.auth.oauth2.ServiceAccountCredentials;
import com.google.cloud.firestore.DocumentReference;
import com.google.cloud.firestore.Firestore;
import com.google.cloud.firestore.FirestoreOptions;
import com.google.cloud.pubsub.v1.AckReplyConsumer;
import com.google.cloud.pubsub.v1.Publisher;
import com.google.cloud.pubsub.v1.Subscriber;
import com.google.cloud.pubsub.v1.SubscriptionAdminClient;
import com.google.cloud.pubsub.v1.SubscriptionAdminSettings;
import com.google.cloud.pubsub.v1.TopicAdminClient;
import com.google.cloud.pubsub.v1.TopicAdminSettings;
import com.google.protobuf.ByteString;
import com.google.pubsub.v1.PubsubMessage;
import com.google.pubsub.v1.PushConfig;
import com.google.pubsub.v1.SubscriptionName;
import com.google.pubsub.v1.TopicName;
import io.grpc.ManagedChannelBuilder;
import java.io.FileInputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Twenty contenders increment one document; a message goes out and comes back; a token is asked for. */
public class Contend {
  static void increments() throws Exception {
    try (Firestore db = FirestoreOptions.getDefaultInstance().getService()) {
      DocumentReference counter = db.document("contended/java");
      counter.set(Map.of("n", 0)).get();
      var contenders = IntStream.range(0, 20)
          .mapToObj(i -> db.runTransaction(transaction -> {
            long n = transaction.get(counter).get().getLong("n");
            transaction.update(counter, "n", n + 1);
            return n;
          }))
          .toList();
      for (var contender : contenders) contender.get();
      System.out.println("increments " + counter.get().get().getLong("n"));
    }
  }

  static void message() throws Exception {
    var channel = ManagedChannelBuilder.forTarget(System.getenv("PUBSUB_EMULATOR_HOST")).usePlaintext().build();
    var transport = FixedTransportChannelProvider.create(GrpcTransportChannel.create(channel));
    var nobody = NoCredentialsProvider.create();
    var topic = TopicName.of("local", "from-java");
    var subscription = SubscriptionName.of("local", "to-java");
    try (var topics = TopicAdminClient.create(TopicAdminSettings.newBuilder()
            .setTransportChannelProvider(transport).setCredentialsProvider(nobody).build());
        var subscriptions = SubscriptionAdminClient.create(SubscriptionAdminSettings.newBuilder()
            .setTransportChannelProvider(transport).setCredentialsProvider(nobody).build())) {
      topics.createTopic(topic);
      subscriptions.createSubscription(subscription, topic, PushConfig.getDefaultInstance(), 10);
      var publisher = Publisher.newBuilder(topic).setChannelProvider(transport).setCredentialsProvider(nobody).build();
      publisher.publish(PubsubMessage.newBuilder()
          .setData(ByteString.copyFromUtf8("hello")).putAttributes("kind", "greeting").build()).get(60, TimeUnit.SECONDS);
      publisher.shutdown();
      var received = new CompletableFuture<String>();
      var subscriber = Subscriber.newBuilder(subscription.toString(), (PubsubMessage one, AckReplyConsumer reply) -> {
        reply.ack();
        received.complete(one.getData().toStringUtf8() + " " + one.getAttributesOrThrow("kind"));
      }).setChannelProvider(transport).setCredentialsProvider(nobody).build();
      subscriber.startAsync().awaitRunning();
      System.out.println("received " + received.get(60, TimeUnit.SECONDS));
      subscriber.stopAsync().awaitTerminated(60, TimeUnit.SECONDS);
    } finally {
      channel.shutdownNow();
    }
  }

  static void token() throws Exception {
    try (var file = new FileInputStream(System.getenv("GOOGLE_APPLICATION_CREDENTIALS"))) {
      var credentials = ServiceAccountCredentials.fromStream(file)
          .createScoped(List.of("https://www.googleapis.com/auth/cloud-platform"));
      System.out.println("token " + (credentials.refreshAccessToken().getTokenValue() != null));
    }
  }

  public static void main(String[] args) throws Exception {
    increments();
    message();
    token();
    System.exit(0);
  }
}
