"""Upload, wait, read, feedback and delete through the package `pipeline_api` that openapi-python-client made."""

import io
import sys

from pipeline_api import Client
from pipeline_api.api.default import (
    delete_image,
    give_feedback,
    list_results,
    show_picture,
    show_result,
    submit_images,
)
from pipeline_api.models import (
    CorrectedFields,
    FeedbackCorrected,
    FeedbackRight,
    ListResultsProfile,
    ProfileName,
    SubmitForm,
)
from pipeline_api.types import File

url, id = sys.argv[1:]
client = Client(base_url=url)

picture = File(payload=io.BytesIO(b"\x89PNG\r\n\x1a\n"), file_name="a.png", mime_type="image/png")
accepted = submit_images.sync(client=client, body=SubmitForm(file=[picture]), profile=ProfileName.INVENTORY)
print("accepted", accepted.status)
print("waiting", show_result.sync(accepted.id, client=client, wait=0).status)

result = show_result.sync(id, client=client)
print("read", result.status.value, result.answer.items[0].sku)
print("picture", show_picture.sync_detailed(id, client=client).parsed.payload.read()[:2].hex())
judged = give_feedback.sync(id, client=client, body=FeedbackRight(verdict="right"))
print("feedback", judged.feedback.verdict.value)
fields = CorrectedFields.from_dict({"shelfId": "B-2"})
judged = give_feedback.sync(id, client=client, body=FeedbackCorrected(verdict="corrected", fields=fields))
print("corrected", judged.feedback.fields.to_dict()["shelfId"])
page = list_results.sync(client=client, profile=ListResultsProfile.INVENTORY)
print("listed", str(id in [one.id for one in page.results]).lower())
print("deleted", delete_image.sync_detailed(accepted.id, client=client).status_code.value)
