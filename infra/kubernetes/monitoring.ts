import type { KubernetesObject, V1ConfigMap, V1Deployment, V1Role, V1RoleBinding } from '@kubernetes/client-node';
import { stringify } from 'yaml';
import { gatewayPort, metricsNamespace } from '../limits.js';
import { serviceAccounts, workloadsNamespace } from '../names.js';
import { figuresLog } from '../permissions/index.js';
import {
  type Installation,
  labelsOf,
  metadataOf,
  selectorOf,
  toHttps,
  toNamesAndCredentials,
  toRole,
} from './parts.js';
import { networkPolicyOf } from './role-objects.js';
import { serviceAccount } from './secrets.js';

const role = 'monitoring';
const metadata = metadataOf(role);

/** The CloudWatch agent, which reads the gateways' `/metrics` once a minute. */
export const monitoringManifests = (installation: Installation): KubernetesObject[] => [
  serviceAccount(role),
  findsPods,
  mayFindPods,
  configuration(installation),
  networkPolicy,
  deployment(installation),
];

const findsPods: V1Role = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'Role',
  metadata,
  rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }],
};

const mayFindPods: V1RoleBinding = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'RoleBinding',
  metadata,
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: role },
  subjects: [{ kind: 'ServiceAccount', name: serviceAccounts.monitoring, namespace: workloadsNamespace }],
};

/**
 * Which figures become metrics, and by what they can be asked. Each set of dimensions of each series is a metric that
 * is paid for by the month: events have what src/adapters/cloudwatch-telemetry asks by, the rest the pod at most. The
 * agent takes no histograms.
 */
export const metricDeclarations = [
  { dimensions: [['model', 'arm', 'event', 'revision']], metric_selectors: ['^understudy_gateway_events_total$'] },
  {
    dimensions: [['model', 'pod']],
    metric_selectors: ['^understudy_gateway_plan_(age_seconds|revision|challenger_share|lease_lapsed)$'],
  },
  {
    dimensions: [['pod']],
    metric_selectors: [
      '^understudy_gateway_(plan_refusals|store_write_failures|lines_dropped|rescues)_total$',
      '^understudy_gateway_requests_in_flight$',
    ],
  },
].map((declaration) => ({ source_labels: ['app'], label_matcher: '^gateway$', ...declaration }));

const configuration = ({ settings: { name, region } }: Installation): V1ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata,
  data: {
    'cwagentconfig.json': JSON.stringify({
      agent: { region },
      logs: {
        metrics_collected: {
          prometheus: {
            cluster_name: name,
            log_group_name: figuresLog(name),
            prometheus_config_path: '/etc/cwagentconfig/prometheus.yaml',
            emf_processor: { metric_namespace: metricsNamespace, metric_declaration: metricDeclarations },
          },
        },
        force_flush_interval: 5,
      },
    }),
    'prometheus.yaml': stringify({
      global: { scrape_interval: '1m', scrape_timeout: '10s' },
      scrape_configs: [
        {
          job_name: 'gateway',
          kubernetes_sd_configs: [{ role: 'pod', namespaces: { names: [workloadsNamespace] } }],
          relabel_configs: [
            {
              source_labels: ['__meta_kubernetes_pod_label_understudy_dev_role', '__meta_kubernetes_pod_phase'],
              regex: 'gateway;Running',
              action: 'keep',
            },
            {
              source_labels: ['__meta_kubernetes_pod_container_port_number'],
              regex: String(gatewayPort),
              action: 'keep',
            },
            { source_labels: ['__meta_kubernetes_pod_name'], target_label: 'pod' },
            { source_labels: ['__meta_kubernetes_pod_label_understudy_dev_role'], target_label: 'app' },
          ],
        },
      ],
    }),
  },
});

const deployment = ({ settings }: Installation): V1Deployment => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata,
  spec: {
    replicas: 1,
    // Two at once would count everything twice.
    strategy: { type: 'Recreate' },
    selector: { matchLabels: selectorOf(role) },
    template: {
      metadata: { labels: labelsOf(role) },
      spec: {
        serviceAccountName: serviceAccounts.monitoring,
        automountServiceAccountToken: true,
        securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: role,
            image: settings.images.cloudWatchAgent,
            resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '512Mi' } },
            // AWS's image writes below its own folders as root.
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            volumeMounts: [{ name: 'configuration', mountPath: '/etc/cwagentconfig', readOnly: true }],
          },
        ],
        volumes: [{ name: 'configuration', configMap: { name: role } }],
      },
    },
  },
});

const networkPolicy = networkPolicyOf({
  role,
  ingress: [],
  egress: [...toNamesAndCredentials, toHttps, toRole('gateway', gatewayPort)],
});
