import { render } from 'preact';
import { App } from './app.tsx';
import { followResults } from './state/results.ts';
import { readService } from './state/service.ts';
import './style/tokens.css';
import './style/base.css';
import './style/layout.css';
import './style/upload.css';
import './style/results.css';
import './style/status.css';
import './style/empty.css';
import './style/detail.css';
import './style/timings.css';

void readService();
followResults();
const place = document.getElementById('app');
if (place) render(<App />, place);
