import { HttpError } from './http-error.js';
import type { PlanReader } from './plan-reader.js';

/**
 * The model that answers for a name: the model of that name, else the one of the family of that name whose domain
 * `filters.domain` says.
 * @throws HttpError 400 for a family without the domain, naming those it has
 */
export function modelFor({
  plans,
  name,
  filters,
}: {
  plans: Pick<PlanReader, 'state' | 'states'>;
  name: string;
  filters: Readonly<Record<string, unknown>> | undefined;
}): string {
  if (plans.state(name) !== null) return name;
  const family = plans.states().filter((state) => state.family === name);
  if (family.length === 0) return name;
  const wanted = filters?.['domain'];
  const found = family.find((state) => state.domain === wanted);
  if (found) return found.plan.model;
  const domains = family.map((state) => state.domain).join(', ');
  throw new HttpError(400, `filters.domain: ${name} is a family of models; expected one of ${domains}`);
}
