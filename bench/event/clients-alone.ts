import { EventEmitter } from 'node:events';
import { GoogleGenerativeAI } from '@google/generative-ai';
import { Firestore } from '@google-cloud/firestore';
import { Storage } from '@google-cloud/storage';
import { photo } from '../photo.ts';

/**
 * The calls of one analyze event with the vendors' clients and nothing around them, one after the other: the picture is
 * read, its document read and claimed, the question looked up, the model asked, everything stored in one commit.
 * `clients-alone.ts MODEL_URL`; each message names a number of events and is answered with the CPU
 * milliseconds of one.
 */
const [modelUrl = ''] = process.argv.slice(2);

// The Storage client chains so many streams that Node would warn of a leak.
EventEmitter.defaultMaxListeners = 20;

const BUCKET = 'prepared';
const file = new Storage().bucket(BUCKET).file('bench/clients-alone.jpg');
const firestore = new Firestore();
const model = new GoogleGenerativeAI('bench').getGenerativeModel(
  { model: 'gemini-3.5-flash-lite', systemInstruction: 'You look at one picture and answer with JSON.' },
  { baseUrl: modelUrl },
);

async function once(id: string): Promise<void> {
  const result = firestore.doc(`bench/${id}`);
  const question = firestore.doc(`bench/${id}-question`);
  await result.create({ status: 'prepared', claim: { count: 1 } });
  const { updateTime } = await result.get();
  const claimed = await result.update(
    { status: 'analyzing', 'claim.count': 2 },
    updateTime ? { lastUpdateTime: updateTime } : {},
  );
  await question.create({ id });
  const [picture] = await file.download({ validation: false });
  const { response } = await model.generateContent({
    contents: [
      {
        role: 'user',
        parts: [
          { inlineData: { mimeType: 'image/jpeg', data: picture.toString('base64') } },
          { text: 'Describe the picture for someone who cannot see it.' },
        ],
      },
    ],
  });
  const answer = response.candidates?.[0]?.content.parts[0]?.text ?? '';
  const last = firestore.batch();
  last.update(result, { status: 'completed', answer }, { lastUpdateTime: claimed.writeTime });
  last.set(question, { result: id }, { merge: true });
  last.set(firestore.doc('bench/books'), { last: id }, { merge: true });
  await last.commit();
}

let events = 0;

async function measured(count: number): Promise<number> {
  const before = process.cpuUsage();
  for (let i = 0; i < count; i += 1) {
    events += 1;
    await once(`event-${events}`);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / count;
}

await file.save(await photo(2048, 1536), { resumable: false });
process.on('message', (count: number) => void measured(count).then((cpuMs) => process.send?.({ cpuMs })));
process.send?.('ready');
