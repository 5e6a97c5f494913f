import type { ModelRequest } from '../../shared/gemini/model.ts';
import { captionCharacters } from '../../shared/gemini/standing.ts';

/** What a picture costs at most by mediaResolution (https://ai.google.dev/gemini-api/docs/media-resolution). */
const IMAGE_TOKENS: Readonly<Record<ModelRequest['step']['mediaResolution'], number>> = {
  LOW: 280,
  MEDIUM: 560,
  HIGH: 1120,
  ULTRA_HIGH: 2240,
};

/** Google's rule of thumb for English text. */
const CHARACTERS_PER_TOKEN = 4;

/** Input tokens of a request, to reserve before the call; the bill corrects them. */
export function estimatePromptTokens(request: ModelRequest): number {
  const { step, instructions, references = [], prompt, repair } = request;
  const characters =
    instructions.length +
    captionCharacters(references) +
    prompt.length +
    (repair ? repair.answer.length + repair.issues.length : 0);
  const pictures = 1 + references.length;
  return pictures * IMAGE_TOKENS[step.mediaResolution] + Math.ceil(characters / CHARACTERS_PER_TOKEN);
}
