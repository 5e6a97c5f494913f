import { z } from 'zod';

const change = z.looseObject({
  address: z.string(),
  mode: z.string(),
  type: z.string(),
  change: z.looseObject({
    actions: z.array(z.string()),
    after: z.record(z.string(), z.unknown()).nullable(),
  }),
});

export const planEvent = z.looseObject({
  type: z.literal('test_plan'),
  '@testfile': z.string(),
  '@testrun': z.string(),
  // Absent where nothing changes, and where a refused variable ended the plan.
  test_plan: z.looseObject({ resource_changes: z.array(change).default([]) }),
});

/** One plan that a `terraform test` run made. */
export type PlanEvent = z.infer<typeof planEvent>;

export interface Planned {
  address: string;
  type: string;
  actions: string[];
  after: Record<string, unknown>;
}

export const plannedResources = (event: PlanEvent): Planned[] =>
  event.test_plan.resource_changes
    .filter(({ mode }) => mode === 'managed')
    .map(({ address, type, change: { actions, after } }) => ({ address, type, actions, after: after ?? {} }));

/** A grant of a role, on whatever it is granted. */
export interface Grant {
  address: string;
  type: string;
  member: string;
  role: string;
  hasCondition: boolean;
}

export const grantsOf = (resources: readonly Planned[]): Grant[] =>
  resources
    .filter(({ type }) => type.endsWith('_iam_member') || type.endsWith('_iam_binding'))
    .map(({ address, type, after }) => ({
      address,
      type,
      member: String(after['member'] ?? after['members']),
      role: String(after['role']),
      hasCondition: Array.isArray(after['condition']) && after['condition'].length > 0,
    }));

/** The first element of a block, as an object. */
export function block(resource: Record<string, unknown>, name: string): Record<string, unknown> {
  const blocks = resource[name];
  const [first] = Array.isArray(blocks) ? (blocks as unknown[]) : [];
  return typeof first === 'object' && first !== null ? (first as Record<string, unknown>) : {};
}
