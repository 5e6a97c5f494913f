"""Twenty contenders increment one document; a message goes out and comes back; a token is asked for."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

from google.cloud import firestore, pubsub_v1, storage
from google.oauth2 import service_account

db = firestore.Client()
counter = db.document("contended/python")
counter.set({"n": 0})


@firestore.transactional
def increment(transaction):
    n = counter.get(transaction=transaction).get("n")
    transaction.update(counter, {"n": n + 1})


with ThreadPoolExecutor(20) as pool:
    list(pool.map(lambda _: increment(db.transaction()), range(20)))
print("increments", counter.get().get("n"))

publisher, subscriber = pubsub_v1.PublisherClient(), pubsub_v1.SubscriberClient()
topic = publisher.topic_path("local", "from-python")
subscription = subscriber.subscription_path("local", "to-python")
publisher.create_topic(name=topic)
subscriber.create_subscription(name=subscription, topic=topic)
publisher.publish(topic, b"hello", kind="greeting").result(timeout=60)
arrived = threading.Event()
texts = []


def receive(message):
    texts.append(f"{message.data.decode()} {message.attributes['kind']}")
    message.ack()
    arrived.set()


pulling = subscriber.subscribe(subscription, callback=receive)
assert arrived.wait(60)
pulling.cancel()
pulling.result()
print("received", texts[0])

path = os.environ["GOOGLE_APPLICATION_CREDENTIALS"]
credentials = service_account.Credentials.from_service_account_file(path)
bucket = storage.Client(credentials=credentials, project="local").get_bucket(os.environ["UPLOADS_BUCKET"])
print("bucket", bucket.name)
