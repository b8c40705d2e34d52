import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { z } from 'zod';
import { Secret } from './secret.js';

/** An http or https address; kept without a slash at its end. */
export const httpAddress = z
  .string()
  .refine((text) => {
    const protocol = URL.canParse(text) ? new URL(text).protocol : '';
    return protocol === 'http:' || protocol === 'https:';
  }, 'expected an address such as http://127.0.0.1:8000/v1')
  .overwrite((text) => text.replace(/\/+$/, ''));

/** `host:port`, as gRPC clients take it. */
export const hostAndPort = z.string().refine((text) => {
  const match = /^(?:\[[0-9a-fA-F:]+\]|[^\s:/]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[1]);
  return port >= 1 && port <= 65_535;
}, 'expected host:port such as 127.0.0.1:7233');

/** An IP address to listen on, with a port. */
export const ipAddressAndPort = z.string().refine((text) => {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([\d.]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  return isIP(match?.[1] ?? match?.[2] ?? '') !== 0 && port >= 1 && port <= 65_535;
}, 'expected an IP address and a port such as 127.0.0.1:9464');

export const port = z
  .string()
  .regex(/^\d{1,5}$/, 'expected a port from 1 to 65535')
  .transform(Number)
  .refine((value) => value >= 1 && value <= 65_535, 'expected a port from 1 to 65535');

/** A whole number of at least `least`. */
export const countFrom = (least: number) => {
  const expected = `expected a whole number from ${least}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, expected)
    .transform(Number)
    .refine((value) => value >= least, expected);
};

/** A path, made absolute from the working directory. */
export const path = z.string().overwrite((text) => resolve(text));

/** A folder, made absolute, or a bucket as `s3://bucket/prefix?endpoint=…&region=…&kmsKey=…`. */
export const storeLocation = z
  .string()
  .refine(
    (text) => !text.startsWith('s3:') || isBucketAddress(text),
    'expected s3://bucket/prefix, and after "?" endpoint, region or kmsKey',
  )
  .overwrite((text) => (text.startsWith('s3:') ? text : resolve(text)));

function isBucketAddress(text: string): boolean {
  if (!/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?:[/?]|$)/.test(text) || !URL.canParse(text)) return false;
  return [...new URL(text).searchParams.keys()].every((name) => ['endpoint', 'region', 'kmsKey'].includes(name));
}

export const secret = z.string().transform((text) => new Secret(text));

/** A secret that nobody may find by trying. */
export const longSecret = z
  .string()
  .min(16, 'expected at least 16 characters')
  .transform((text) => new Secret(text));

/** Which endpoint has moved where: a JSON object of address to address. */
export const movedEndpoints = z.string().transform((text, context) => {
  try {
    const parsed = z.record(httpAddress, httpAddress).safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
  } catch {
    // Not JSON at all: said below, in the same words.
  }
  context.addIssue({
    code: 'custom',
    message:
      'expected a JSON object of address to address, such as {"http://127.0.0.1:8100/v1":"http://127.0.0.1:8101/v1"}',
  });
  return z.NEVER;
});

/** Where a base model lies on this machine: a JSON object of id to folder. */
export const baseModels = z.string().transform((text, context) => {
  const expected = 'expected a JSON object of model id to folder, such as {"org/model":"/models/model"}';
  try {
    const parsed = z.record(z.string().min(1), z.string().min(1)).safeParse(JSON.parse(text));
    if (parsed.success)
      return Object.fromEntries(Object.entries(parsed.data).map(([id, folder]) => [id, resolve(folder)]));
  } catch {
    // Not JSON at all: said below, in the same words.
  }
  context.addIssue({ code: 'custom', message: expected });
  return z.NEVER;
});

/** A DynamoDB table by its name. */
export const tableName = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{3,255}$/, 'expected 3 to 255 letters, digits, "_", "." or "-"');
