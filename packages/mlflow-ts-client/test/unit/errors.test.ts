import { expect } from 'chai';
import { createApiError, MlflowApiError, MlflowError } from '../../src/errors.js';
import * as errors from '../../src/errors.js';

const make = (code: string, status: number) =>
  createApiError({ message: 'm', code, status, method: 'GET', path: '/p' });

describe('errors', () => {
  const cases = [
    ['RESOURCE_DOES_NOT_EXIST', 404, 'MlflowNotFoundError', false],
    ['ENDPOINT_NOT_FOUND', 404, 'MlflowNotFoundError', false],
    ['RESOURCE_ALREADY_EXISTS', 400, 'MlflowAlreadyExistsError', false],
    ['ALREADY_EXISTS', 409, 'MlflowAlreadyExistsError', false],
    ['INVALID_PARAMETER_VALUE', 400, 'MlflowInvalidParameterError', false],
    ['UNAUTHENTICATED', 401, 'MlflowAuthenticationError', false],
    ['PERMISSION_DENIED', 403, 'MlflowPermissionError', false],
    ['RESOURCE_CONFLICT', 409, 'MlflowConflictError', false],
    ['REQUEST_LIMIT_EXCEEDED', 429, 'MlflowRateLimitError', true],
    ['TEMPORARILY_UNAVAILABLE', 503, 'MlflowUnavailableError', true],
    ['INTERNAL_ERROR', 500, 'MlflowServerError', true],
    ['NOT_IMPLEMENTED', 501, 'MlflowServerError', false],
    ['HTTP_401', 401, 'MlflowAuthenticationError', false],
    ['HTTP_403', 403, 'MlflowPermissionError', false],
    ['HTTP_404', 404, 'MlflowNotFoundError', false],
    ['HTTP_409', 409, 'MlflowConflictError', false],
    ['HTTP_429', 429, 'MlflowRateLimitError', true],
    ['HTTP_502', 502, 'MlflowUnavailableError', true],
    ['HTTP_422', 422, 'MlflowInvalidParameterError', false],
    ['HTTP_302', 302, 'MlflowApiError', false],
    ['constructor', 500, 'MlflowServerError', true],
  ] as const;

  for (const [code, status, name, retryable] of cases) {
    it(`makes ${name} of ${code} with status ${status}`, () => {
      const error = make(code, status);
      expect(error).to.be.instanceOf(errors[name]).and.instanceOf(MlflowApiError).and.instanceOf(MlflowError);
      expect(error).to.include({ name, code, status, retryable, method: 'GET', path: '/p' });
    });
  }
});
