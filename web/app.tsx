import { Announcer } from './layout/announcer.tsx';
import { AnsweredBy } from './layout/answered-by.tsx';
import { Header } from './layout/header.tsx';
import { ResultsSection } from './results/results-section.tsx';
import { UploadPanel } from './upload/upload-panel.tsx';

export const App = () => (
  <>
    <a class="skip-link" href="#results">
      Skip to the results
    </a>
    <Header />
    <main class="page">
      <div class="intake">
        <UploadPanel />
        <AnsweredBy />
      </div>
      <ResultsSection />
    </main>
    <Announcer />
  </>
);
