import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../layout/icon.tsx';
import { ProblemNote } from '../layout/problem-note.tsx';
import { listHref } from '../list/filter.ts';
import { list, place } from '../list/list.ts';
import { neighborsOf } from '../list/neighbors.ts';
import { resultHref } from '../routing/route.ts';
import { useStore } from '../state/store.ts';
import { ResultDetail } from './result-detail.tsx';
import { type Opened, useResult } from './use-result.ts';

/** One result at its own address. */
export const ResultPage = ({ id }: { id: string }) => {
  const opened = useResult(id);
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    place.opened = id;
    scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, []);
  return (
    <main ref={main} id="content" class="page" tabIndex={-1} aria-label="Result">
      <Around id={id} />
      <Content opened={opened} />
    </main>
  );
};

const Content = ({ opened }: { opened: Opened }) => {
  switch (opened.kind) {
    case 'loading':
      return (
        <p class="hint" role="status">
          Loading…
        </p>
      );
    case 'there':
      return <ResultDetail result={opened.result} />;
    case 'pending':
      return (
        <Empty title="Queued">
          <code>{opened.name}</code> is in the bucket; nothing has looked at it yet. It appears here by
          itself.
        </Empty>
      );
    case 'deleted':
      return <Deleted name={opened.name} />;
    case 'gone':
      return (
        <Empty title="There is no such result">
          It was deleted, its retention has ended, or the address is not complete.
        </Empty>
      );
    case 'failed':
      return <ProblemNote problem={opened.problem} />;
  }
};

/** Takes the focus, which was in the dialog that is gone. */
const Deleted = ({ name }: { name: string }) => {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div class="card empty">
      <h2 ref={heading} tabIndex={-1}>
        {name} was deleted
      </h2>
      <p>The upload, the prepared picture and the result were removed for good.</p>
      <a class="button" href={listHref(list.get().filter)}>
        Go to the results
      </a>
    </div>
  );
};

const Empty = ({ title, children }: { title: string; children: ComponentChildren }) => (
  <div class="card empty">
    <h2>{title}</h2>
    <p>{children}</p>
  </div>
);

/** The way back, and to the results before and after this one in the list. */
const Around = ({ id }: { id: string }) => {
  const { filter, chunks } = useStore(list);
  const { newer, older } = neighborsOf(chunks, id);
  return (
    <nav class="around" aria-label="Around this result">
      <a class="button small" href={listHref(filter)}>
        <Icon name="back" size={16} /> All results
      </a>
      <span class="around-steps">
        {newer && (
          <a class="button small" href={resultHref(newer)}>
            Newer
          </a>
        )}
        {older && (
          <a class="button small" href={resultHref(older)}>
            Older
          </a>
        )}
      </span>
    </nav>
  );
};
