import type { Client } from '@temporalio/client';
import type { z } from 'zod';
import { alertSchema, lifecycleMessages } from '../contracts/lifecycle.js';
import { workflowIds } from '../contracts/names.js';
import { alertTrigger } from '../domain/release/alert-trigger.js';
import type { Trigger } from '../domain/release/kinds.js';

/** What a monitor or a drift job has seen; `category` and `evidence` may be left out. */
export type SentAlert = z.input<typeof alertSchema>;

/** Characters of a wrong value that are shown. */
const shownValue = 60;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'not set';
  return text.length <= shownValue ? text : `${text.slice(0, shownValue)}... (${text.length} characters)`;
}

/**
 * Tells the lifecycle of a model of an alert. Returns what it asks for a release as, null where it is only noted; what
 * comes of that no answer says: the lifecycle shows it, and tells people of a refusal.
 * @throws RangeError naming each field that is wrong, its value and what was expected.
 * @throws WorkflowNotFoundError where the model has no lifecycle.
 */
export async function sendAlert({
  temporal,
  model,
  alert,
}: {
  temporal: Client;
  model: string;
  alert: SentAlert;
}): Promise<{ trigger: Trigger | null }> {
  const parsed = alertSchema.safeParse(alert);
  if (!parsed.success) {
    const given = alert as Record<PropertyKey, unknown>;
    const problems = parsed.error.issues.map(
      ({ path: [field], message }) =>
        `alert${field === undefined ? '' : `.${String(field)}`}: is ${shown(field === undefined ? given : given[field])}; ${message}`,
    );
    throw new RangeError(problems.join('\n'));
  }
  await temporal.workflow.getHandle(workflowIds.lifecycle(model)).signal(lifecycleMessages.alert, parsed.data);
  return { trigger: alertTrigger(parsed.data) };
}
