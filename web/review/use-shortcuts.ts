import { useEffect, useRef, useState } from 'preact/hooks';

const REMEMBERED = 'review-shortcuts';

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof Element &&
  target.closest('input:not([type="checkbox"]), textarea, select, dialog') !== null;

/** Single keys that act wherever nobody types; they can be switched off, as who dictates would set them off by accident. */
export function useShortcuts(acts: Readonly<Record<string, () => void>>): {
  areOn: boolean;
  setAreOn: (areOn: boolean) => void;
} {
  const [areOn, setAreOn] = useState(localStorage.getItem(REMEMBERED) !== 'off');
  const latest = useRef(acts);
  latest.current = acts;
  // The listener goes after the next drawing; a key that is pressed before counts no more.
  const isOn = useRef(areOn);
  useEffect(() => {
    if (!areOn) return;
    const onKey = (event: KeyboardEvent) => {
      const { key, ctrlKey, metaKey, altKey, repeat, target } = event;
      const act = latest.current[key];
      if (!isOn.current || !act || ctrlKey || metaKey || altKey || repeat || isTyping(target)) return;
      event.preventDefault();
      act();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [areOn]);
  const set = (on: boolean) => {
    isOn.current = on;
    localStorage.setItem(REMEMBERED, on ? 'on' : 'off');
    setAreOn(on);
  };
  return { areOn, setAreOn: set };
}
