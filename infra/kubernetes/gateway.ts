import type {
  KubernetesObject,
  V1Container,
  V1Deployment,
  V1NetworkPolicy,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';
import { ending, gatewayPort, timeouts } from '../limits.js';
import { serviceAccounts } from '../names.js';
import type { CustomObject } from './custom-object.js';
import {
  hardened,
  hardenedPod,
  imageOf,
  type Installation,
  labelsOf,
  metadataOf,
  plainEnvironment,
  selectorOf,
  spread,
  storeLocation,
  toHttps,
  toNamesAndCredentials,
  toReleases,
} from './parts.js';
import { autoscalerOf, budgetOf, networkPolicyOf, serviceOf } from './role-objects.js';
import { secretClass, secretsMount, secretVolume, serviceAccount } from './secrets.js';

const role = 'gateway';
const metadata = metadataOf(role);

/** The request path: gateways that scale by their load, and their places in the target group of the load balancer. */
export const gatewayManifests = (installation: Installation): KubernetesObject[] => [
  serviceAccount(role),
  secretClass({ settings: installation.settings, process: role }),
  networkPolicy(installation),
  serviceOf({ role, port: gatewayPort }),
  budgetOf(role),
  deployment(installation),
  autoscaler(installation),
  targets(installation),
];

const deployment = (installation: Installation): V1Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata,
  spec: {
    // The autoscaler's to set: a number here would be applied over it.
    selector: { matchLabels: selectorOf(role) },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: {
      metadata: { labels: labelsOf(role) },
      spec: {
        ...hardenedPod,
        serviceAccountName: serviceAccounts.gateway,
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: (ending.forget + ending.drain) / 1000 + 15,
        topologySpreadConstraints: spread(role),
        containers: [container(installation)],
        volumes: [
          { name: 'data', emptyDir: { sizeLimit: '2Gi' } },
          { name: 'tmp', emptyDir: { sizeLimit: '256Mi' } },
          secretVolume(role),
        ],
      },
    },
  },
});

function container(installation: Installation): V1Container {
  const { settings, outputs } = installation;
  const probe = (path: string) => ({ httpGet: { path, port: 'http' } });
  return {
    name: role,
    image: imageOf({ settings, name: 'gateway' }),
    env: [
      // Its counters stand under it: two pods must never have the same.
      { name: 'GATEWAY_ID', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      ...plainEnvironment({
        HOME: '/data/home',
        UNDERSTUDY_HOME: '/data/home',
        UNDERSTUDY_STORE: storeLocation(installation),
        UNDERSTUDY_SUMMARIES_TABLE: outputs.SummariesTable,
        AWS_REGION: settings.region,
        GATEWAY_HOST: '0.0.0.0',
        GATEWAY_PORT: String(gatewayPort),
        GATEWAY_KEYS_FILE: `${secretsMount}/gateway-keys`,
        GATEWAY_UPSTREAM_TIMEOUT: String(timeouts.attempt),
        GATEWAY_REQUEST_TIMEOUT: String(timeouts.request),
        GATEWAY_DRAIN: String(ending.drain),
      }),
    ],
    envFrom: [{ secretRef: { name: role } }],
    ports: [{ name: 'http', containerPort: gatewayPort, protocol: 'TCP' }],
    resources: { requests: { cpu: '500m', memory: '512Mi' }, limits: { memory: '1Gi' } },
    startupProbe: { ...probe('/healthz'), periodSeconds: 2, failureThreshold: 30 },
    livenessProbe: { ...probe('/healthz'), periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 6 },
    // Ready only once a plan is read: before a model has a champion, no gateway is.
    readinessProbe: { ...probe('/readyz'), periodSeconds: 3, failureThreshold: 2 },
    lifecycle: { preStop: { sleep: { seconds: ending.forget / 1000 } } },
    securityContext: hardened,
    volumeMounts: [
      { name: 'data', mountPath: '/data' },
      { name: 'tmp', mountPath: '/tmp' },
      { name: 'secrets', mountPath: secretsMount, readOnly: true },
    ],
  };
}

const autoscaler = ({ settings }: Installation): V2HorizontalPodAutoscaler =>
  autoscalerOf({ role, pods: settings.gateway, busyPercent: 60, calmSeconds: 300, everySeconds: 60 });

const networkPolicy = (installation: Installation): V1NetworkPolicy =>
  networkPolicyOf({
    role,
    ingress: [
      {
        _from: [
          ...installation.outputs.LoadBalancerRanges.map((cidr) => ({ ipBlock: { cidr } })),
          { podSelector: { matchLabels: selectorOf('monitoring') } },
        ],
        ports: [{ port: gatewayPort, protocol: 'TCP' }],
      },
    ],
    egress: [...toNamesAndCredentials, toHttps, toReleases(installation)],
  });

/** The load balancing of EKS Auto Mode enters ready pods into the target group that the stacks made. */
const targets = ({ outputs }: Installation): CustomObject => ({
  apiVersion: 'eks.amazonaws.com/v1',
  kind: 'TargetGroupBinding',
  metadata,
  spec: {
    serviceRef: { name: role, port: gatewayPort },
    targetGroupARN: outputs.GatewayTargetGroupArn,
    targetType: 'ip',
  },
});
