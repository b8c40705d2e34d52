import { isGrpcServiceError } from '@temporalio/client';

/** gRPC's own number of NOT_FOUND. */
const notFound = 5;

/** Whether the server answered a call of its service that what it was asked for is not there. */
export const isNotFound = (error: unknown): boolean => isGrpcServiceError(error) && Number(error.code) === notFound;
