import { Announcer } from './layout/announcer.tsx';
import { Header } from './layout/header.tsx';
import { Lazy } from './layout/lazy.tsx';
import { Nowhere } from './layout/nowhere.tsx';
import { ListView } from './list/list-view.tsx';
import { ResultPage } from './result/result-page.tsx';
import { route } from './routing/route.ts';
import { useStore } from './state/store.ts';

export const App = () => (
  <>
    <SkipLink />
    <Header />
    <View />
    <Announcer />
  </>
);

const View = () => {
  const at = useStore(route);
  switch (at.view) {
    case 'list':
      return <ListView />;
    case 'result':
      return <ResultPage key={at.id} id={at.id} />;
    case 'overview':
      return <Lazy of="overview" load={overview} />;
    case 'nowhere':
      return <Nowhere />;
  }
};

/** Charts are for those who open them: the list must not wait for them. */
const overview = async () => (await import('./overview/overview-view.tsx')).OverviewView;

const SkipLink = () =>
  useStore(route).view === 'list' ? (
    <a class="skip-link" href="#results">
      Skip to the results
    </a>
  ) : (
    <a class="skip-link" href="#content">
      Skip to the content
    </a>
  );
