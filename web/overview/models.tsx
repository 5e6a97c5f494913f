import type { CostView, Stats } from '../../shared/results/api/figures.ts';
import { Icon } from '../layout/icon.tsx';
import { ScrollArea } from '../layout/scroll-area.tsx';
import { count, dollars, shortMoment } from '../wording/wording.ts';

type Pause = Stats['paused'][number];

/** Which models are asked, which rest, until when and why. */
export const Models = ({ paused, models }: { paused: readonly Pause[]; models: CostView['models'] }) => {
  const resting = new Map(paused.map((pause) => [pause.target, pause]));
  const names = [...new Set([...Object.keys(models), ...resting.keys()])]
    .filter((name) => name !== 'pipeline')
    .sort();
  const whole = resting.get('pipeline');
  return (
    <section class="card pad" aria-labelledby="models-heading">
      <h3 id="models-heading">Models</h3>
      {whole && (
        <div class="failure parked" role="status">
          <p>
            <strong>The whole pipeline is paused.</strong> {whole.reason} {untilWords(whole)}
          </p>
        </div>
      )}
      {names.length === 0 ? (
        <p class="hint">No model was asked today.</p>
      ) : (
        <ScrollArea kind="scroll" label="Models">
          <table class="items">
            <thead>
              <tr>
                <th scope="col">Model</th>
                <th scope="col">State</th>
                <th scope="col">Calls today</th>
                <th scope="col">Cost today</th>
              </tr>
            </thead>
            <tbody>
              {names.map((name) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td class="wrap">
                    <State pause={resting.get(name)} />
                  </td>
                  <td class="number">{count(models[name]?.calls ?? 0)}</td>
                  <td class="number">{dollars(models[name]?.usd ?? 0)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollArea>
      )}
    </section>
  );
};

const State = ({ pause }: { pause: Pause | undefined }) =>
  pause ? (
    <>
      <span class="status parked">
        <Icon name="pause" size={14} />
        {pause.code === 'MODEL_PAUSED' ? 'Breaker open' : 'Paused'}
      </span>{' '}
      {pause.reason} {untilWords(pause)}
    </>
  ) : (
    <span class="status completed">
      <Icon name="check" size={14} /> Answers
    </span>
  );

const untilWords = ({ until }: Pause): string =>
  until === null ? 'Until a person lifts it.' : `Until ${shortMoment(until)}.`;
