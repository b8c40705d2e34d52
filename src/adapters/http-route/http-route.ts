import type { KubernetesObject } from '@kubernetes/client-node';
import { PortError } from '../../activities/ports.js';
import type { Target, TrafficPlan } from '../../domain/rollout/traffic-plan.js';
import { managedBy } from '../kubernetes/pool.js';

/** The Gateway API's routes in its standard channel, v1.4 or newer: weights, and mirrors by a fraction. */
export const routeVersion = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute' } as const;

/** The plan's revision that a route shows. */
export const revisionAnnotation = 'understudy.dev/revision';
/** Shares are kept to a hundredth of a percent. */
const wholeWeight = 10_000;

interface Backend {
  name: string;
  namespace: string;
  port: number;
}

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  observedGeneration?: number;
}

export interface HttpRoute extends KubernetesObject {
  spec?: {
    parentRefs: { name: string; namespace: string; sectionName?: string }[];
    hostnames: string[];
    rules: {
      backendRefs?: (Backend & { weight: number })[];
      filters?: {
        type: 'RequestMirror';
        requestMirror: { backendRef: Backend; fraction: { numerator: number; denominator: number } };
      }[];
    }[];
  };
  status?: { parents?: { parentRef: { name: string }; conditions?: Condition[] }[] };
}

/** Which gateway takes the requests, those of each model under a host of its own, `<model>.<domain>`. */
export interface Routes {
  /** Where the routes are kept. */
  namespace: string;
  gateway: { name: string; namespace: string; sectionName?: string };
  domain: string;
}

export const routeName = (model: string): string => `understudy-${model}`;

/** The route that shows a plan. Rejects a plan whose releases lie behind one Service, which no route can tell apart. */
export function routeOf({ plan, routes }: { plan: TrafficPlan; routes: Routes }): HttpRoute {
  const { model, revision, champion, challenger, challengerShare, mirrorShare, holdback } = plan;
  const championBackend = backendOf(champion);
  const share = challenger === null ? 0 : Math.min(challengerShare, 1 - holdback);
  const weight = Math.round(share * wholeWeight);
  const challengerBackend = challenger !== null && (share > 0 || mirrorShare > 0) ? backendOf(challenger) : null;
  if (challengerBackend?.name === championBackend.name && challengerBackend.namespace === championBackend.namespace)
    throw new PortError(
      'InvalidInput',
      `traffic plan of ${model}: ${champion.releaseId} and ${challenger!.releaseId} lie behind one Service, ` +
        `${championBackend.namespace}/${championBackend.name}, so a route can't tell them apart; set apart: true of their pool`,
    );
  const split = challengerBackend !== null && weight > 0 ? [{ ...challengerBackend, weight }] : [];
  const mirror = challengerBackend !== null && mirrorShare > 0 ? { challengerBackend, mirrorShare } : null;
  return {
    ...routeVersion,
    metadata: {
      name: routeName(model),
      namespace: routes.namespace,
      labels: { ...managedBy },
      annotations: { [revisionAnnotation]: String(revision) },
    },
    spec: {
      parentRefs: [{ ...routes.gateway }],
      hostnames: [`${model}.${routes.domain}`],
      rules: [
        {
          backendRefs: [{ ...championBackend, weight: wholeWeight - weight }, ...split],
          ...(mirror === null ? {} : { filters: [mirrorOf(mirror)] }),
        },
      ],
    },
  };
}

const mirrorOf = ({ challengerBackend, mirrorShare }: { challengerBackend: Backend; mirrorShare: number }) => ({
  type: 'RequestMirror' as const,
  requestMirror: {
    backendRef: challengerBackend,
    fraction: { numerator: Math.round(mirrorShare * wholeWeight), denominator: wholeWeight },
  },
});

/** The Service of an address such as http://name.namespace.svc:8000/v1. */
function backendOf({ releaseId, endpoint }: Target): Backend {
  const { hostname, port } = URL.canParse(endpoint) ? new URL(endpoint) : { hostname: '', port: '' };
  const [name = '', namespace = '', kind = ''] = hostname.split('.');
  if (kind === 'svc' && name !== '' && namespace !== '') return { name, namespace, port: Number(port || '80') };
  throw new PortError(
    'InvalidInput',
    `${releaseId}: ${endpoint} is no Service of the cluster, so no route can name it; expected http://<name>.<namespace>.svc:<port>/v1`,
  );
}

/** What a route splits, in words that are the same for the same split. */
export const splitOf = ({ spec }: HttpRoute): string =>
  (spec?.rules ?? [])
    .flatMap(({ backendRefs = [], filters = [] }) => [
      ...backendRefs.map(({ namespace, name, port, weight }) => `${namespace}/${name}:${port} ${weight}`),
      ...filters.map(({ requestMirror: { backendRef, fraction } }) => {
        const { namespace, name, port } = backendRef;
        return `copies to ${namespace}/${name}:${port} ${fraction.numerator}/${fraction.denominator}`;
      }),
    ])
    .join(', ');

/** Whether a gateway goes by the route as it is now; `refusal` where it says that it won't. */
export function acceptance(route: HttpRoute): { accepted: boolean; refusal: string | null } {
  const generation = route.metadata?.generation ?? 0;
  const parents = route.status?.parents ?? [];
  const current = parents.flatMap(({ parentRef, conditions = [] }) =>
    conditions
      .filter(({ observedGeneration = 0 }) => observedGeneration >= generation)
      .map((condition) => ({ ...condition, gateway: parentRef.name })),
  );
  const no = current.find(({ type, status }) => ['Accepted', 'ResolvedRefs'].includes(type) && status === 'False');
  const accepted = current.some(({ type, status }) => type === 'Accepted' && status === 'True');
  const refusal = no === undefined ? null : `gateway ${no.gateway}: ${no.reason ?? no.type}: ${no.message ?? ''}`;
  return { accepted: accepted && refusal === null, refusal };
}
