import { useState } from 'preact/hooks';
import { announce } from '../state/announcements.ts';
import { Icon } from './icon.tsx';

const SHOWN_MS = 1_600;

export const CopyButton = ({ text, what }: { text: string; what: string }) => {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    announce(`Copied ${what}.`);
    setCopied(true);
    setTimeout(() => setCopied(false), SHOWN_MS);
  };
  return (
    <button type="button" class="icon-button" aria-label={`Copy ${what}`} onClick={() => void copy()}>
      <Icon name={copied ? 'check' : 'copy'} size={16} />
    </button>
  );
};
