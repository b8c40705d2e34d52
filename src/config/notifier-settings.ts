import { z } from 'zod';
import { httpAddress, secret } from './fields.js';
import { readEnvironment, type Environment, type SettingDefinition } from './read-environment.js';
import { Secret } from './secret.js';

/** A JSON object of channel to secret. */
const secretsByChannel = ({ valid, expected }: { valid: (text: string) => boolean; expected: string }) =>
  z.string().transform((text, context): ReadonlyMap<string, Secret> => {
    try {
      const parsed = z.record(z.string().min(1), z.string().refine(valid)).safeParse(JSON.parse(text));
      if (parsed.success) return new Map(Object.entries(parsed.data).map(([name, one]) => [name, new Secret(one)]));
    } catch {
      // Not JSON at all: said below, in the same words.
    }
    context.addIssue({ code: 'custom', message: `expected ${expected}` });
    return z.NEVER;
  });

const isAddress = (text: string): boolean => URL.canParse(text) && ['https:', 'http:'].includes(new URL(text).protocol);

const smtpAddress = z
  .string()
  .refine(
    (text) =>
      URL.canParse(text) && ['smtp:', 'smtps:'].includes(new URL(text).protocol) && new URL(text).hostname !== '',
    'expected an address such as smtps://user:password@mail.example.com',
  )
  .transform((text) => new Secret(text));

const definitions = {
  UNDERSTUDY_WEBHOOK_SECRET: {
    schema: secret.optional(),
    secret: true,
    mend: 'Name the secret webhooks are signed with.',
  },
  UNDERSTUDY_SLACK_WEBHOOKS: {
    schema: secretsByChannel({
      valid: isAddress,
      expected: 'a JSON object of channel to incoming webhook, such as {"ml-ops":"https://hooks.slack.com/services/…"}',
    }).optional(),
    secret: true,
    mend: 'Make an incoming webhook for each channel that a spec names.',
  },
  UNDERSTUDY_PAGERDUTY_KEYS: {
    schema: secretsByChannel({
      valid: (text) => /^[A-Za-z0-9]{20,64}$/.test(text),
      expected: 'a JSON object of channel to integration key, such as {"ml-ops":"<32 characters>"}',
    }).optional(),
    secret: true,
    mend: 'Add an integration of Events API v2 to each service that a spec names.',
  },
  UNDERSTUDY_PAGERDUTY_URL: {
    schema: httpAddress.default('https://events.pagerduty.com'),
    mend: 'Unset it, or name https://events.eu.pagerduty.com.',
  },
  UNDERSTUDY_SMTP_URL: { schema: smtpAddress.optional(), secret: true, mend: 'Name the mail server.' },
  UNDERSTUDY_SMTP_FROM: {
    schema: z.string().min(3, 'expected a sender such as Understudy <understudy@example.com>').optional(),
    mend: 'Name the sender that the mail server lets through.',
  },
} satisfies Record<string, SettingDefinition<unknown>>;

/** What channels need besides what a spec says of them. */
export interface NotifierSettings {
  /** What webhooks are signed with; null where none is set. */
  webhookSecret: Secret | null;
  /** Address of the incoming webhook of each channel. */
  slackWebhooks: ReadonlyMap<string, Secret>;
  /** Integration key of each service. */
  pagerDutyKeys: ReadonlyMap<string, Secret>;
  pagerDutyUrl: string;
  smtp: { url: Secret | null; from: string | null };
}

/**
 * Reads the settings of the channels.
 * @throws SettingsError listing every setting that is wrong.
 */
export function readNotifierSettings({ environment }: { environment: Environment }): NotifierSettings {
  const read = readEnvironment({ environment, definitions });
  return {
    webhookSecret: read.UNDERSTUDY_WEBHOOK_SECRET ?? null,
    slackWebhooks: read.UNDERSTUDY_SLACK_WEBHOOKS ?? new Map<string, Secret>(),
    pagerDutyKeys: read.UNDERSTUDY_PAGERDUTY_KEYS ?? new Map<string, Secret>(),
    pagerDutyUrl: read.UNDERSTUDY_PAGERDUTY_URL,
    smtp: { url: read.UNDERSTUDY_SMTP_URL ?? null, from: read.UNDERSTUDY_SMTP_FROM ?? null },
  };
}
