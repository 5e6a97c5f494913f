import { service } from '../state/service.ts';
import { useStore } from '../state/store.ts';
import { Icon } from './icon.tsx';

/** Says whose answers these are: a reader that needs no model must never be taken for Gemini. */
export const AnsweredBy = () => {
  const { status } = useStore(service);
  if (!status) return null;
  return status.answeredBy === 'local-reader' ? (
    <aside class="note" aria-label="What answers">
      <Icon name="device" />
      <p>
        <strong>The reader on this machine answers.</strong> It reads barcodes, print and colors and calls no
        model. Set <code>GEMINI_API_KEY</code> and start again to let Gemini answer.
      </p>
    </aside>
  ) : (
    <aside class="note" aria-label="What answers">
      <Icon name="spark" />
      <p>
        <strong>Gemini answers.</strong> Each picture is sent to Google's model and is billed.
      </p>
    </aside>
  );
};
