import { storeIntervals } from './store-intervals.js';
import type { Prices, Team } from './inputs.js';

/** One line of the sheet: US dollars a month, and how they came about. */
export interface CostLine {
  group: 'serving' | 'training' | 'control' | 'storage' | 'traffic' | 'monitoring';
  what: string;
  usd: number;
  because: string;
}

const hours = 730;
const seconds = hours * 3600;
const days = 30.4;

/** Secrets, alarms and dashboards of the stacks, with a judge and encrypted payloads. */
const [secretCount, alarmCount, dashboardCount] = [8, 7, 1];
/** Kilobytes of a request with its answer, and of its lines in logs. */
const [requestKilobytes, logKilobytes] = [4, 1.5];
/** Figures of a gateway: five events of two arms for each model under a revision, four gauges a model, five of the pod. */
const metricsOf = ({ models, gateways }: Team): number => models * 10 + gateways * (models * 4 + 5);
/** Actions of Temporal: those of a release with its watch (72 slices a day for two days), and of schedules by the model. */
const [actionsPerRelease, actionsPerModelDay] = [1500, 60];
const canaryDays = 2;

const number = (value: number, digits = 0): string => value.toLocaleString('en-US', { maximumFractionDigits: digits });

/**
 * What a team pays a month, line by line, for what infra/cdk and infra/kubernetes make at its size. Writes and reads of
 * the store follow from the gateways' own intervals, at their shortest: under load all the time.
 */
export function costSheet({ team, prices }: { team: Team; prices: Prices }): CostLine[] {
  const { gateways, models } = team;
  const requests = team.requestsPerSecond * seconds;
  const nodes = (count: number, hour: number) => count * hours * hour * (1 + prices.autoModeShare);
  const { flush, plan, limits, log, watch } = storeIntervals();
  // Counters are written by each gateway for each model; the request log by each gateway alone.
  const writes = gateways * (models * (seconds / flush) + seconds / limits + seconds / log);
  const watched = team.releasesPerMonth * canaryDays * 86_400;
  const reads =
    gateways * models * (seconds / plan) + (gateways * gateways * seconds) / limits + (watched * gateways) / watch;
  const trainingHours = team.releasesPerMonth * team.trainingHoursPerRelease;
  const actions = team.releasesPerMonth * actionsPerRelease + models * actionsPerModelDay * days;
  const summaries = team.summariesPerDay * days;
  const gigabytes = (requests * requestKilobytes) / 1e6;
  const metricReads = (watched / 60) * (10 + gateways);
  const priced = (group: CostLine['group'], what: string, usd: number, because: string): CostLine => ({
    group,
    what,
    usd,
    because,
  });
  return [
    priced('serving', 'GPU nodes', nodes(team.gpuNodes, prices.gpuNodeHour), `${team.gpuNodes} nodes all month`),
    priced(
      'serving',
      'nodes of gateways and workers',
      nodes(team.generalNodes, prices.generalNodeHour),
      `${team.generalNodes} nodes all month`,
    ),
    priced(
      'training',
      'training on spot',
      trainingHours * prices.trainingHour * prices.spotShare,
      `${number(trainingHours)} hours of one instance`,
    ),
    priced('control', 'control plane of EKS', hours * prices.eksClusterHour, 'one cluster'),
    priced(
      'control',
      'Temporal Cloud',
      // The plan's price holds its first million actions.
      prices.temporalCloudMonth + Math.max(0, actions / 1e6 - 1) * prices.temporalMillionActions,
      `${number(actions)} actions`,
    ),
    priced(
      'control',
      'key and secrets',
      prices.keyMonth + secretCount * prices.secretMonth,
      `1 key, ${secretCount} secrets`,
    ),
    priced(
      'storage',
      'store and models',
      team.storedGigabytes * prices.s3GigabyteMonth,
      `${number(team.storedGigabytes)} GB`,
    ),
    priced(
      'storage',
      'writes of the gateways',
      (writes / 1000) * prices.s3ThousandWrites,
      `${number(writes / 1e6, 1)} million, at the most`,
    ),
    priced(
      'storage',
      'reads of gateways and watchers',
      (reads / 1000) * prices.s3ThousandReads,
      `${number(reads / 1e6, 1)} million, at the most`,
    ),
    priced(
      'storage',
      'disks and images',
      50 * prices.diskGigabyteMonth + 100 * prices.imageGigabyteMonth,
      '50 GB of MLflow, 100 GB of images',
    ),
    priced(
      'storage',
      'summaries',
      (summaries / 1e6) * (prices.dynamodbMillionWrites * 4 + prices.dynamodbMillionReads * 20),
      `${number(summaries)} written at 4 KB, each read ten times`,
    ),
    priced(
      'traffic',
      'API Gateway',
      (requests / 1e6) * prices.apiGatewayMillionRequests,
      `${number(requests / 1e6, 1)} million requests`,
    ),
    priced('traffic', 'data to callers', gigabytes * prices.dataOutGigabyte, `${number(gigabytes)} GB`),
    priced(
      'traffic',
      'NAT and load balancer',
      hours * (team.natGateways * prices.natGatewayHour + prices.loadBalancerHour) + 50 * prices.natGatewayGigabyte,
      `${team.natGateways} NAT gateways, 50 GB through them`,
    ),
    priced('monitoring', 'metrics', metricsOf(team) * prices.metricMonth, `${number(metricsOf(team))} series`),
    priced(
      'monitoring',
      'questions of the breaker',
      (metricReads / 1000) * prices.thousandMetricReads,
      `${number(metricReads / 1e6, 1)} million series read, once a minute in a canary`,
    ),
    priced(
      'monitoring',
      'logs',
      ((requests * logKilobytes) / 1e6) * prices.logGigabyte,
      `${number((requests * logKilobytes) / 1e6)} GB of access logs and flows`,
    ),
    priced(
      'monitoring',
      'alarms and dashboard',
      alarmCount * prices.alarmMonth + dashboardCount * prices.dashboardMonth,
      `${alarmCount} alarms, ${dashboardCount} dashboard`,
    ),
  ];
}
