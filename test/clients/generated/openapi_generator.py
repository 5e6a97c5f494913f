"""Upload, wait, read, feedback and delete through the package `pipeline_client` that openapi-generator made."""

import sys

from pipeline_client import ApiClient, Configuration
from pipeline_client.api import DefaultApi
from pipeline_client.models import FeedbackCorrected, FeedbackRequest, FeedbackRight, ProfileName

url, id = sys.argv[1:]
api = DefaultApi(ApiClient(Configuration(host=url)))

submitted = api.submit_images(file=[("a.png", b"\x89PNG\r\n\x1a\n")], profile=ProfileName.INVENTORY)
accepted = submitted.actual_instance
print("accepted", accepted.status)
print("waiting", api.show_result(accepted.id, wait=0).actual_instance.status)

result = api.show_result(id).actual_instance
print("read", result.status, result.answer.items[0].sku)
print("picture", api.show_picture(id)[:2].hex())
judged = api.give_feedback(id, FeedbackRequest(FeedbackRight(verdict="right")))
print("feedback", judged.feedback.verdict)
corrected = FeedbackCorrected(verdict="corrected", fields={"shelfId": "B-2"})
judged = api.give_feedback(id, FeedbackRequest(corrected))
print("corrected", judged.feedback.fields["shelfId"])
page = api.list_results(profile="inventory")
print("listed", str(id in [one.id for one in page.results]).lower())
print("deleted", api.delete_image_with_http_info(accepted.id).status_code)
