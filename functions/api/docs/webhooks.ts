import { escaped } from '../../../shared/base/markup.ts';
import { inline } from './prose.ts';

/** How deliveries look and how a receiver checks them: the section of the page about webhooks. */
export const webhooksSection = (origin: string): string => `<section id="webhooks">
<h2>Webhooks</h2>
<p>${inline(
  'Name an https address as `webhook` when you submit, and it is called when the picture has ended: completed, failed ' +
    'or refused. Deliveries follow Standard Webhooks (standardwebhooks.com), which has libraries for most languages.',
)}</p>
<pre>${escaped(`curl -F webhook=https://shop.example.com/pictures -F file=@shelf.jpg ${origin}/v1/images`)}</pre>
<h3>What is sent</h3>
<p>${inline('A `POST` with `Content-Type: application/json`. `data` is the result as `GET /v1/results/{id}` gives it. ' + '`type` is `result.completed`, `result.failed` or `result.refused`, and `result.reviewed` when a person has judged the answer.')}</p>
<pre>${escaped(PAYLOAD)}</pre>
<table><tr><th scope="col">header</th><th scope="col">meaning</th></tr>
${HEADERS.map(([name, meaning]) => `<tr><td><code>${name}</code></td><td>${inline(meaning)}</td></tr>`).join('\n')}
</table>
<h3>What to answer</h3>
<p>${inline(
  'Any 2xx within ten seconds; do the work afterward. 410 says that you want nothing more of this picture. After anything ' +
    'else, redirects included, it is sent again: after 1, 2, 4 minutes and so on up to 6 hours, 14 attempts in a day and a ' +
    'half. `webhook` in the result says what became of it. A delivery may come twice: keep `webhook-id` and skip what you know.',
)}</p>
<h3>How to try it</h3>
<p>${inline(
  'With npm start, an address of your own machine is taken too, by plain http. `pipeline webhook listen` receives there, ' +
    'verifies, prints a line for each delivery and says why it refuses one:',
)}</p>
<pre>${escaped(`npx pipeline webhook listen --port 3000
curl -F webhook=http://127.0.0.1:3000/ -F file=@shelf.jpg ${origin}/v1/images`)}</pre>
<h3>How to check it</h3>
<p>${inline(
  'With the secret of this deployment (`whsec_…`; with npm start, the file `.local/webhook-secret`), over the raw body as it ' +
    'came. The libraries refuse what is older than five minutes.',
)}</p>
${RECEIVERS.map(([language, install, code]) => `<h4>${language}: <code>${install}</code></h4>\n<pre>${escaped(code)}</pre>`).join('\n')}
</section>`;

const PAYLOAD = `{
  "type": "result.completed",
  "timestamp": "2026-11-29T08:00:00.000Z",
  "data": { "id": "3388dd5ef9752b643edbf3a573f08dfa", "status": "completed", "profile": "inventory", "answer": { … }, … }
}`;

const HEADERS = [
  ['webhook-id', 'the event; the same in each attempt'],
  ['webhook-timestamp', 'when this attempt was signed, in seconds since 1970'],
  [
    'webhook-signature',
    '`v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64; several are separated by spaces',
  ],
] as const;

const NODE = `import { createServer } from 'node:http';
import { env } from 'node:process';
import { Webhook } from 'standardwebhooks';

const webhook = new Webhook(env.WEBHOOK_SECRET); // whsec_…
createServer(async (request, response) => {
  const chunks = await Array.fromAsync(request);
  try {
    const { type, data } = webhook.verify(Buffer.concat(chunks).toString(), request.headers);
    console.log(type, data.id);
    response.writeHead(204).end();
  } catch {
    response.writeHead(401).end();
  }
}).listen(env.PORT ?? 3000);`;

const PYTHON = `import os
from flask import Flask, request
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

app = Flask(__name__)
webhook = Webhook(os.environ["WEBHOOK_SECRET"])

@app.post("/pictures")
def pictures():
    try:
        headers = {name.lower(): value for name, value in request.headers.items()}
        delivery = webhook.verify(request.get_data(as_text=True), headers)
    except WebhookVerificationError:
        return "", 401
    print(delivery["type"], delivery["data"]["id"])
    return "", 204`;

const GO = `package main

import (
	"io"
	"log"
	"net/http"
	"os"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

func main() {
	webhook, err := standardwebhooks.NewWebhook(os.Getenv("WEBHOOK_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("POST /pictures", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err != nil || webhook.Verify(body, r.Header) != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		log.Printf("%s", body)
		w.WriteHeader(http.StatusNoContent)
	})
	log.Fatal(http.ListenAndServe(":3000", nil))
}`;

/** Language, what to install, and the program; the tests run them. */
export const RECEIVERS = [
  ['Node', 'npm install standardwebhooks', NODE],
  ['Python', 'pip install standardwebhooks flask', PYTHON],
  ['Go', 'go get github.com/standard-webhooks/standard-webhooks/libraries/go', GO],
] as const;
