// Twenty contenders increment one document; a message goes out and comes back; a token is asked for.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"cloud.google.com/go/firestore"
	"cloud.google.com/go/pubsub/v2"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"golang.org/x/oauth2/google"
	"golang.org/x/sync/errgroup"
)

func increments(ctx context.Context) error {
	db, err := firestore.NewClient(ctx, "local")
	if err != nil {
		return err
	}
	defer db.Close()
	counter := db.Doc("contended/go")
	if _, err := counter.Set(ctx, map[string]any{"n": 0}); err != nil {
		return err
	}
	var group errgroup.Group
	for range 20 {
		group.Go(func() error {
			return db.RunTransaction(ctx, func(ctx context.Context, transaction *firestore.Transaction) error {
				snapshot, err := transaction.Get(counter)
				if err != nil {
					return err
				}
				n := snapshot.Data()["n"].(int64)
				return transaction.Update(counter, []firestore.Update{{Path: "n", Value: n + 1}})
			})
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	snapshot, err := counter.Get(ctx)
	if err != nil {
		return err
	}
	fmt.Println("increments", snapshot.Data()["n"])
	return nil
}

func message(ctx context.Context) error {
	client, err := pubsub.NewClient(ctx, "local")
	if err != nil {
		return err
	}
	defer client.Close()
	topic := &pubsubpb.Topic{Name: "projects/local/topics/from-go"}
	if _, err := client.TopicAdminClient.CreateTopic(ctx, topic); err != nil {
		return err
	}
	subscription := &pubsubpb.Subscription{Name: "projects/local/subscriptions/to-go", Topic: topic.Name}
	if _, err := client.SubscriptionAdminClient.CreateSubscription(ctx, subscription); err != nil {
		return err
	}
	hello := &pubsub.Message{Data: []byte("hello"), Attributes: map[string]string{"kind": "greeting"}}
	if _, err := client.Publisher("from-go").Publish(ctx, hello).Get(ctx); err != nil {
		return err
	}
	receiving, stop := context.WithTimeout(ctx, 60*time.Second)
	defer stop()
	return client.Subscriber("to-go").Receive(receiving, func(_ context.Context, one *pubsub.Message) {
		one.Ack()
		fmt.Println("received", string(one.Data), one.Attributes["kind"])
		stop()
	})
}

func token(ctx context.Context) error {
	file, err := os.ReadFile(os.Getenv("GOOGLE_APPLICATION_CREDENTIALS"))
	if err != nil {
		return err
	}
	config, err := google.JWTConfigFromJSON(file, "https://www.googleapis.com/auth/cloud-platform")
	if err != nil {
		return err
	}
	issued, err := config.TokenSource(ctx).Token()
	if err != nil {
		return err
	}
	fmt.Println("token", issued.Valid())
	return nil
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for _, step := range []func(context.Context) error{increments, message, token} {
		if err := step(ctx); err != nil {
			log.Fatal(err)
		}
	}
}
