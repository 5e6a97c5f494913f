import { startGeminiSimulator } from '../../local/gemini/server.ts';
import { usdOf } from '../../shared/prices/units.ts';
import { builtIn } from '../../test/support/built-in.ts';
import { billed } from './bill.ts';
import { shelf, TOP_MODEL } from './shelves.ts';

const inventory = builtIn('inventory');

/** A 12 MP original asked about once by the dearer model, with the same prompt; USD per 1,000 pictures. */
export async function naively(pictures: readonly Buffer[]): Promise<number> {
  const simulator = await startGeminiSimulator();
  try {
    const [{ maxOutputTokens }] = inventory.ladder;
    for (const [i, picture] of pictures.entries()) {
      simulator.behave({ script: [{ json: shelf(i, 0.9) }] });
      const response = await fetch(`${simulator.url}/v1beta/models/${TOP_MODEL}:generateContent`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-goog-api-key': 'bench' },
        body: JSON.stringify({
          contents: [
            {
              role: 'user',
              parts: [
                { inlineData: { mimeType: 'image/jpeg', data: picture.toString('base64') } },
                { text: inventory.prompt },
              ],
            },
          ],
          generationConfig: { maxOutputTokens: maxOutputTokens * 4, responseMimeType: 'application/json' },
        }),
      });
      if (!response.ok)
        throw new Error(`The simulator answered ${response.status}: ${await response.text()}`);
    }
    return (usdOf(billed(simulator)) / pictures.length) * 1000;
  } finally {
    await simulator.close();
  }
}
