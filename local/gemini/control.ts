import { ZodError, z } from 'zod';
import { json, type Sent } from './send.ts';
import type { Simulation } from './simulation.ts';

/** Programs a running simulator over HTTP: `POST behavior`, `GET behavior|calls|bill`, `POST reset`. */
export function control(sim: Simulation, method: string, path: string, body: unknown): Sent {
  switch (`${method} ${path}`) {
    case 'POST behavior':
      return changeBehavior(sim, body);
    case 'GET behavior':
      return json(200, sim.planner.behavior, 'behavior');
    case 'GET calls':
      return json(200, { calls: sim.calls.list() }, 'calls');
    case 'GET bill':
      return json(200, sim.ledger.bill(), 'bill');
    case 'POST reset':
      sim.reset();
      return json(200, {}, 'reset');
    default:
      return json(404, { error: `No such control: ${method} ${path}` }, 'unknown');
  }
}

function changeBehavior(sim: Simulation, body: unknown): Sent {
  try {
    sim.behave(body);
    return json(200, sim.planner.behavior, 'behavior');
  } catch (error) {
    if (error instanceof ZodError) return json(400, { error: z.prettifyError(error) }, 'refused');
    throw error;
  }
}
