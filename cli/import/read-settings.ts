import { CliError } from '../failure.ts';
import { isMultimodalGenai, MULTIMODAL_GENAI } from './multimodal-genai.ts';
import type { Note, Plan, Rules } from './plan.ts';
import { isResizeImages, platformRule, RESIZE_IMAGES } from './resize-images.ts';

interface Imported {
  extensions: string[];
  plan: Plan;
  notes: Note[];
}

/** Reads settings of one or both extensions, in the order they stand. @throws CliError when they are of neither */
export function readSettings(settings: ReadonlyMap<string, string>): Imported {
  const names = new Set(settings.keys());
  const known: { title: string; rules: Rules }[] = [
    ...(isResizeImages(names) ? [{ title: 'Resize Images', rules: RESIZE_IMAGES }] : []),
    ...(isMultimodalGenai(names)
      ? [{ title: 'Multimodal Tasks with the Gemini API', rules: MULTIMODAL_GENAI }]
      : []),
  ];
  if (known.length === 0) {
    throw new CliError('These are not the settings of an extension that can be imported.', {
      hint: 'Give the .env file of Resize Images or of Multimodal Tasks with the Gemini API: `firebase ext:export` writes them to extensions/.',
    });
  }
  const rules: Rules = Object.assign({}, ...known.map((extension) => extension.rules));
  const plan: Plan = {};
  const notes = [...settings].flatMap(([setting, value]) => noteOn(setting, value, rules, plan));
  return { extensions: known.map(({ title }) => title), plan, notes };
}

function noteOn(setting: string, value: string, rules: Rules, plan: Plan): Note[] {
  const rule = Object.hasOwn(rules, setting) ? rules[setting] : platformRule(setting);
  if (!rule) return [{ setting, fate: 'unknown', text: 'Of neither extension; left out.' }];
  // An empty setting asked for nothing, except that a key's name is worth a word.
  if (value === '' && !/KEY/.test(setting)) return [];
  return [{ setting, ...rule(value, plan) }];
}
