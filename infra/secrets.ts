import type { Settings } from './settings.js';

export type SecretName =
  | 'vllm-api-key'
  | 'gateway-keys'
  | 'temporal-api-key'
  | 'judge-api-key'
  | 'payload-keys'
  | 'approver-key'
  | 'pseudonym-key'
  | 'webhook-secret';

export type Process = 'gateway' | 'worker' | 'bridge';

export interface SecretDescription {
  name: SecretName;
  what: string;
  /** Made up by Secrets Manager; else a person fills it in. */
  generated: boolean;
  /** Who gets it, and as which setting; null is a file. */
  for: readonly { process: Process; setting: string | null }[];
}

/** The secrets of an installation. Gateways, which talk to strangers, get two of them. */
export function secretsOf({ temporal, judge, encryptPayloads, endpoints }: Settings): SecretDescription[] {
  const worker = (setting: string) => [{ process: 'worker' as const, setting }];
  return [
    {
      name: 'vllm-api-key',
      what: 'What vLLM, or the bridge to SageMaker, asks of gateways and workers',
      generated: true,
      for: [
        { process: 'gateway', setting: 'OPENAI_API_KEY' },
        ...worker('OPENAI_API_KEY'),
        ...(endpoints === null ? [] : [{ process: 'bridge' as const, setting: 'OPENAI_API_KEY' }]),
      ],
    },
    {
      name: 'gateway-keys',
      what: 'API keys of the gateway, hashed: the JSON of docs/operations.md',
      generated: false,
      for: [{ process: 'gateway', setting: null }],
    },
    {
      name: 'approver-key',
      what: 'What approver tokens are made and checked with',
      generated: true,
      for: worker('UNDERSTUDY_APPROVER_KEY'),
    },
    {
      name: 'pseudonym-key',
      what: 'What pseudonyms in data sets are made with',
      generated: true,
      for: worker('UNDERSTUDY_PSEUDONYM_KEY'),
    },
    {
      name: 'webhook-secret',
      what: 'What webhooks are signed with',
      generated: true,
      for: worker('UNDERSTUDY_WEBHOOK_SECRET'),
    },
    ...(temporal.kind === 'cloud'
      ? [
          {
            name: 'temporal-api-key' as const,
            what: 'API key of the namespace in Temporal Cloud',
            generated: false,
            for: worker('TEMPORAL_API_KEY'),
          },
        ]
      : []),
    ...(judge === null
      ? []
      : [
          {
            name: 'judge-api-key' as const,
            what: "Key of the judge's endpoint",
            generated: false,
            for: worker('JUDGE_API_KEY'),
          },
        ]),
    ...(encryptPayloads
      ? [
          {
            name: 'payload-keys' as const,
            what: 'What payloads of Temporal are encrypted with: id:key, the newest first',
            generated: false,
            for: worker('UNDERSTUDY_PAYLOAD_KEYS'),
          },
        ]
      : []),
  ];
}

/** The secrets of one process. */
export const secretsFor = ({ settings, process }: { settings: Settings; process: Process }): SecretDescription[] =>
  secretsOf(settings).filter((secret) => secret.for.some((one) => one.process === process));
