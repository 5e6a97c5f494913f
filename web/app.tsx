import { useCallback } from 'preact/hooks';
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
    case 'review':
      return <Lazy of="review" load={review} />;
    case 'profiles':
      return <Lazy of="profiles" load={profiles} />;
    case 'profile':
      return <ProfileOf key={at.name} name={at.name} />;
    case 'nowhere':
      return <Nowhere />;
  }
};

/** Charts are for those who open them: the list must not wait for them. */
const overview = async () => (await import('./overview/overview-view.tsx')).OverviewView;

const review = async () => (await import('./review/review-view.tsx')).ReviewView;

/** The editor brings a parser of YAML along. */
const profiles = async () => (await import('./profiles/profiles-view.tsx')).ProfilesView;

const ProfileOf = ({ name }: { name: string }) => {
  const load = useCallback(async () => {
    const { ProfilePage } = await import('./profiles/profile-page.tsx');
    return () => <ProfilePage name={name} />;
  }, [name]);
  return <Lazy of="profile" load={load} />;
};

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
