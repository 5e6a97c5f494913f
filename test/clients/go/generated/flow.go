// Upload, wait, read, feedback and delete through the client that oapi-codegen made beside this file.
package main

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"os"
)

func check(err error) {
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
}

func main() {
	ctx := context.Background()
	url, id := os.Args[1], os.Args[2]
	client, err := NewClientWithResponses(url)
	check(err)

	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("file", "a.png")
	check(err)
	file.Write([]byte("\x89PNG\r\n\x1a\n"))
	form.Close()
	profile := ProfileName("inventory")
	sent, err := client.SubmitImagesWithBodyWithResponse(ctx, &SubmitImagesParams{Profile: &profile}, form.FormDataContentType(), &body)
	check(err)
	accepted, err := sent.JSON202.AsAccepted()
	check(err)
	fmt.Println("accepted", accepted.Status)
	wait := 0
	waiting, err := client.ShowResultWithResponse(ctx, accepted.Id, &ShowResultParams{Wait: &wait})
	check(err)
	pending, err := waiting.JSON200.AsPendingResult()
	check(err)
	fmt.Println("waiting", pending.Status)

	shown, err := client.ShowResultWithResponse(ctx, id, &ShowResultParams{})
	check(err)
	result, err := shown.JSON200.AsResult()
	check(err)
	fmt.Println("read", result.Status, result.Answer.Items[0].Sku)
	picture, err := client.ShowPictureWithResponse(ctx, id, &ShowPictureParams{})
	check(err)
	fmt.Printf("picture %x\n", picture.Body[:2])
	var verdict FeedbackRequest
	check(verdict.FromFeedbackRight(FeedbackRight{Verdict: "right"}))
	judged, err := client.GiveFeedbackWithResponse(ctx, id, &GiveFeedbackParams{}, verdict)
	check(err)
	fmt.Println("feedback", judged.JSON200.Feedback.Verdict)
	check(verdict.FromFeedbackCorrected(FeedbackCorrected{Verdict: "corrected", Fields: CorrectedFields{"shelfId": "B-2"}}))
	judged, err = client.GiveFeedbackWithResponse(ctx, id, &GiveFeedbackParams{}, verdict)
	check(err)
	fmt.Println("corrected", (*judged.JSON200.Feedback.Fields)["shelfId"])
	page, err := client.ListResultsWithResponse(ctx, &ListResultsParams{Profile: "inventory"})
	check(err)
	listed := false
	for _, one := range page.JSON200.Results {
		listed = listed || one.Id == id
	}
	fmt.Println("listed", listed)
	deleted, err := client.DeleteImageWithResponse(ctx, accepted.Id, &DeleteImageParams{})
	check(err)
	fmt.Println("deleted", deleted.StatusCode())
}
