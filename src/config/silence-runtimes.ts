/**
 * Keeps ONNX Runtime from reporting how it is used to its makers, which it does by itself from 1.29 on. It looks once,
 * when it is loaded. What the environment says already stands.
 */
export function silenceRuntimes(): void {
  process.env.ORT_DISABLE_TELEMETRY ??= '1';
}
