import { BedrockClient } from '@aws-sdk/client-bedrock';
import { BedrockAgentRuntimeClient } from '@aws-sdk/client-bedrock-agent-runtime';
import { BedrockRuntimeClient } from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** AWS's clients of one region. They try nothing again by themselves: Temporal does. */
export interface BedrockClients {
  /** Imports and what was imported. */
  control: BedrockClient;
  /** Answers and embeddings. */
  runtime: BedrockRuntimeClient;
  /** Knowledge bases. */
  agent: BedrockAgentRuntimeClient;
}

/** A judge's questions are many at once; each may have a connection that stays open. */
const mostConnections = 512;
const connectMilliseconds = 5_000;

const opened = new Map<string, BedrockClients>();

/**
 * The clients of a region, made once. Credentials come from where AWS's programs find them, a role as a rule;
 * `AWS_ENDPOINT_URL_BEDROCK_RUNTIME` and its like name other servers, as for every program of AWS.
 */
export function bedrockClients(region: string): BedrockClients {
  const known = opened.get(region);
  if (known) return known;
  // Limits of time are the caller's signal. HTTP/1.1: Bedrock's client asks over HTTP/2 by itself, a session a request.
  const requestHandler = new NodeHttpHandler({
    connectionTimeout: connectMilliseconds,
    httpsAgent: { maxSockets: mostConnections, keepAlive: true },
  });
  const options = { region, maxAttempts: 1, requestHandler };
  const clients = {
    control: new BedrockClient(options),
    runtime: new BedrockRuntimeClient(options),
    agent: new BedrockAgentRuntimeClient(options),
  };
  opened.set(region, clients);
  return clients;
}
