import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { pino } from 'pino';
import { loadBridgeSettings } from '../config/bridge-settings.js';
import { buildBridge } from './app.js';

/** Runs the bridge until SIGTERM or SIGINT; one JSON line `{"listening": <url>}` on stdout once it takes requests. */
async function main(): Promise<void> {
  const { host, port, apiKey } = loadBridgeSettings();
  const logger = pino({ name: 'sagemaker-bridge' }, pino.destination(2));
  const runtime = new SageMakerRuntimeClient({ maxAttempts: 1 });
  const app = buildBridge({ runtime, apiKey: apiKey.reveal(), logger });
  const listening = await app.listen({ host, port });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void app.close());
  process.stdout.write(`${JSON.stringify({ listening })}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`sagemaker-bridge: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
