import { z } from 'zod';
import { quietHoursSchema } from './quiet-hours.js';

const severities = ['info', 'warning', 'critical'] as const;

const from = z.enum(severities).default('info').describe('the least severity that is sent');

const common = {
  from,
  quietHours: quietHoursSchema
    .nullable()
    .default(null)
    .describe('what is less than critical waits until they are over'),
};

/** The part of SNS that a topic's name says: `arn:aws:sns:<region>:<account>:<name>`. */
const topicName = /^arn:aws(?:-[a-z]+)*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}(?:\.fifo)?$/;

const channel = z.string().min(1).max(80);

/** One line of `notify`: where messages go, from which severity on, and when not. No secret stands here. */
export const notifySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('console'), from }),
  z.strictObject({ kind: z.literal('log'), from }),
  z.strictObject({
    kind: z.literal('webhook'),
    url: z
      .url({ protocol: /^https?$/ })
      .refine((text) => new URL(text).password === '', 'expected an address without a password')
      .describe('the signing secret comes from the environment'),
    ...common,
  }),
  z.strictObject({
    kind: z.literal('slack'),
    channel: channel.describe('one that UNDERSTUDY_SLACK_WEBHOOKS names'),
    ...common,
  }),
  z.strictObject({
    kind: z.literal('pagerduty'),
    channel: channel.describe('one that UNDERSTUDY_PAGERDUTY_KEYS names'),
    ...common,
  }),
  z.strictObject({
    kind: z.literal('sns'),
    topic: z
      .string()
      .regex(topicName, 'expected the ARN of a topic, such as arn:aws:sns:eu-central-1:123456789012:ml-ops'),
    ...common,
  }),
  z.strictObject({
    kind: z.literal('email'),
    to: z.array(z.email()).min(1).max(50),
    ...common,
  }),
]);

export type NotifyRoute = z.infer<typeof notifySchema>;
export type NotifyKind = NotifyRoute['kind'];

/** What tells one route of a spec from another, whoever it is sent for. */
export function routeName(route: NotifyRoute): string {
  switch (route.kind) {
    case 'webhook':
      return `webhook ${route.url}`;
    case 'slack':
    case 'pagerduty':
      return `${route.kind} ${route.channel}`;
    case 'sns':
      return `sns ${route.topic}`;
    case 'email':
      return `email ${route.to.join(', ')}`;
    case 'console':
    case 'log':
      return route.kind;
  }
}
