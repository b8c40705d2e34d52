import { z } from 'zod';

const amount = z.number().min(0);

/** What a team runs; counts a month unless the name says otherwise. */
export const teamSchema = z.strictObject({
  models: amount,
  gpuNodes: amount,
  generalNodes: amount,
  natGateways: amount,
  gateways: amount,
  /** Over the whole month, nights included. */
  requestsPerSecond: amount,
  releasesPerMonth: amount,
  trainingHoursPerRelease: amount,
  summariesPerDay: amount,
  storedGigabytes: amount,
});
export type Team = z.output<typeof teamSchema>;

const names = [
  'eksClusterHour',
  'autoModeShare',
  'generalNodeHour',
  'gpuNodeHour',
  'trainingHour',
  'spotShare',
  'natGatewayHour',
  'natGatewayGigabyte',
  'loadBalancerHour',
  'apiGatewayMillionRequests',
  'dataOutGigabyte',
  's3GigabyteMonth',
  's3ThousandWrites',
  's3ThousandReads',
  'diskGigabyteMonth',
  'dynamodbMillionWrites',
  'dynamodbMillionReads',
  'keyMonth',
  'secretMonth',
  'metricMonth',
  'thousandMetricReads',
  'alarmMonth',
  'dashboardMonth',
  'logGigabyte',
  'imageGigabyteMonth',
  'temporalCloudMonth',
  'temporalMillionActions',
] as const;
export type PriceName = (typeof names)[number];
export type Prices = Readonly<Record<PriceName, number>>;

/** The file of prices: each in US dollars, or a share, with the page that says so. */
export const pricesSchema = z.strictObject({
  enteredOn: z.iso.date(),
  region: z.string().min(1),
  prices: z.record(z.enum(names), z.strictObject({ usd: amount, of: z.string().optional(), source: z.url() })),
});
export type PriceFile = z.output<typeof pricesSchema>;

export const teamsSchema = z.record(z.string().min(1), teamSchema);
export type Teams = z.output<typeof teamsSchema>;

export const pricesOf = ({ prices }: PriceFile): Prices =>
  Object.fromEntries(Object.entries(prices).map(([name, { usd }]) => [name, usd])) as Prices;
