import type { QueryPlan } from './query-plan.ts';

interface Execution {
  results: number;
  /** Billed document reads. */
  reads: number;
  /** Of `performance.now()`. */
  startedAt: number;
}

/**
 * google.firestore.v1.ExplainMetrics: the index that production would walk along, and what came of it when the query
 * was run. https://firebase.google.com/docs/firestore/query-explain
 */
export function explain(plan: QueryPlan, execution?: Execution): object {
  const planSummary = {
    indexesUsed: [struct({ query_scope: scopeOf(plan), properties: propertiesOf(plan) })],
  };
  if (!execution) return { planSummary };
  const ms = performance.now() - execution.startedAt;
  return {
    planSummary,
    executionStats: {
      resultsReturned: String(execution.results),
      readOperations: String(execution.reads),
      executionDuration: { seconds: String(Math.floor(ms / 1000)), nanos: Math.floor((ms % 1000) * 1e6) },
      debugStats: struct({ documents_scanned: String(execution.results) }),
    },
  };
}

const scopeOf = (plan: QueryPlan) => (plan.allDescendants ? 'Collection Group' : 'Collection');

const propertiesOf = ({ orders }: QueryPlan) =>
  `(${orders.map(({ fieldPath, descending }) => `${fieldPath} ${descending ? 'DESC' : 'ASC'}`).join(', ')})`;

const struct = (texts: Record<string, string>) => ({
  fields: Object.fromEntries(Object.entries(texts).map(([key, stringValue]) => [key, { stringValue }])),
});
