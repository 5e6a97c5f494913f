import { PriceError, PriceList } from '../../prices/price-list.ts';
import { checkLadders } from '../check-ladders.ts';
import { decidesFirst } from '../decision-step.ts';
import type { Profile } from '../define.ts';
import { type ReadProfile, readProfileText } from '../file/read-profile.ts';
import type { FileProblem, YamlParser } from '../file/strict-yaml.ts';
import { type ReadPicture, ReferencesError, takeReferences } from '../references.ts';
import { type Candidate, candidateOf } from './candidate.ts';

/** A profile in which everything that can be wrong has been looked for, or what was found. */
type Examined = { candidate: Candidate } | { problems: readonly FileProblem[] };

interface ExamineOptions {
  /** Where its reference pictures are. */
  readPicture: ReadPicture;
  nowMs: number;
  parser?: YamlParser;
}

/** A document holds 1 MiB: the text, the same as JSON, and a few facts. */
const MAX_STORED_BYTES = 1_000_000;

/** Looks at the text of a profile and all that it needs: fields, reference pictures, models with a price. */
export const examineText = (name: string, text: string, options: ExamineOptions): Examined =>
  examineFile(name, text, readProfileText(name, text, options.parser), options);

/** The same of a file that was read already. */
export function examineFile(
  name: string,
  text: string,
  read: ReadProfile,
  { readPicture, nowMs }: ExamineOptions,
): Examined {
  if ('problems' in read) return { problems: read.problems };
  const use = findingsInUse(read.profile, readPicture, nowMs);
  if (use.problems.length > 0) return { problems: use.problems.map((problem) => ({ text: problem })) };
  const warnings = [...read.warnings, ...use.warnings.map((warning) => ({ text: warning }))];
  const bytes = Buffer.byteLength(text) + Buffer.byteLength(JSON.stringify(read.content));
  if (bytes > MAX_STORED_BYTES)
    return {
      problems: [{ text: `the file has ${bytes} bytes with what it means, more than ${MAX_STORED_BYTES}` }],
    };
  const candidate = candidateOf(name, text, { ...read, warnings }, readPicture);
  return candidate ? { candidate } : { problems: [{ text: 'a reference picture is missing' }] };
}

/** What shows only when a picture is asked about: reference pictures, and models without a price or near their end. */
function findingsInUse(
  profile: Profile,
  readPicture: ReadPicture,
  nowMs: number,
): { problems: readonly string[]; warnings: readonly string[] } {
  try {
    takeReferences(profile, readPicture);
    const warnings = checkLadders(new PriceList(), [profile], nowMs);
    const mayBeUnsure =
      profile.minConfidence === 0 || 'confidence' in profile.schema.shape || decidesFirst(profile);
    return {
      problems: [],
      warnings: mayBeUnsure
        ? warnings
        : [...warnings, 'minConfidence is set and there is no field confidence; no answer ever climbs'],
    };
  } catch (error) {
    if (!(error instanceof ReferencesError || error instanceof PriceError)) throw error;
    return { problems: error.problems, warnings: [] };
  }
}
