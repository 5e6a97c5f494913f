import { escaped } from '../../../shared/base/markup.ts';

/** Text for HTML with `code` in it. */
export const inline = (text: string): string => escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>');
