/** Control characters (also the C1 set, which some terminals obey) and the marks that turn the direction of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const COMMANDING = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text from outside (names of objects, answers, texts read in pictures) as one line that can only be read:
 * white space becomes a space, and nothing is left that a terminal would obey.
 */
export const plain = (text: string): string => text.replace(/\s+/g, ' ').replace(COMMANDING, '�');
