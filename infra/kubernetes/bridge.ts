import type {
  KubernetesObject,
  V1Deployment,
  V1NetworkPolicy,
  V2HorizontalPodAutoscaler,
} from '@kubernetes/client-node';
import { bridgePort } from '../limits.js';
import { serviceAccounts } from '../names.js';
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
  toHttps,
  toNamesAndCredentials,
} from './parts.js';
import { autoscalerOf, budgetOf, networkPolicyOf, serviceOf } from './role-objects.js';
import { secretClass, secretsMount, secretVolume, serviceAccount } from './secrets.js';

const role = 'bridge';
const metadata = metadataOf(role);
const health = { httpGet: { path: '/healthz', port: 'http' } };

/** Who asks SageMaker's endpoints for gateways and workers: on the request path, so that it scales and spreads as gateways do. */
export const bridgeManifests = (installation: Installation): KubernetesObject[] => [
  serviceAccount(role),
  secretClass({ settings: installation.settings, process: role }),
  networkPolicy,
  serviceOf({ role, port: bridgePort }),
  budgetOf(role),
  deployment(installation),
  autoscaler(installation),
];

const deployment = ({ settings }: Installation): V1Deployment => ({
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
        serviceAccountName: serviceAccounts.bridge,
        automountServiceAccountToken: false,
        // The longest answer that a gateway waits for, and until no gateway asks any more.
        terminationGracePeriodSeconds: 45,
        topologySpreadConstraints: spread(role),
        containers: [
          {
            name: role,
            // The image of the gateway carries every program that needs Node alone.
            image: imageOf({ settings, name: 'gateway' }),
            command: ['node', 'dist/sagemaker-bridge/server.js'],
            env: plainEnvironment({
              AWS_REGION: settings.region,
              SAGEMAKER_BRIDGE_HOST: '0.0.0.0',
              SAGEMAKER_BRIDGE_PORT: String(bridgePort),
            }),
            envFrom: [{ secretRef: { name: role } }],
            ports: [{ name: 'http', containerPort: bridgePort, protocol: 'TCP' }],
            resources: { requests: { cpu: '250m', memory: '256Mi' }, limits: { memory: '512Mi' } },
            startupProbe: { ...health, periodSeconds: 2, failureThreshold: 30 },
            livenessProbe: { ...health, periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 6 },
            readinessProbe: { ...health, periodSeconds: 3, failureThreshold: 2 },
            lifecycle: { preStop: { sleep: { seconds: 10 } } },
            securityContext: hardened,
            volumeMounts: [
              { name: 'tmp', mountPath: '/tmp' },
              { name: 'secrets', mountPath: secretsMount, readOnly: true },
            ],
          },
        ],
        volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }, secretVolume(role)],
      },
    },
  },
});

const autoscaler = ({ settings }: Installation): V2HorizontalPodAutoscaler =>
  autoscalerOf({ role, pods: settings.gateway, busyPercent: 60, calmSeconds: 300, everySeconds: 60 });

const networkPolicy: V1NetworkPolicy = networkPolicyOf({
  role,
  ingress: [
    {
      _from: [
        { podSelector: { matchLabels: selectorOf('gateway') } },
        { podSelector: { matchLabels: selectorOf('worker') } },
      ],
      ports: [{ port: bridgePort, protocol: 'TCP' }],
    },
  ],
  egress: [...toNamesAndCredentials, toHttps],
});
