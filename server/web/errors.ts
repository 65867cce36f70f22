import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { settingFaultOf } from '../contract/setting-faults.ts';
import type { Problem } from '../contract/people.ts';
import { Refusal } from '../kernel/errors.ts';
import { codeOf, isAway } from '../kernel/faults.ts';

/** Errors of Fastify and its plug-ins that a client can act on, by their code. */
const CLIENT_FAULTS: Readonly<Record<string, Problem & { status: number }>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: fault(400, 'invalid', 'The body is not JSON.'),
  FST_ERR_CTP_EMPTY_JSON_BODY: fault(400, 'invalid', 'The body is empty.'),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: fault(415, 'invalid', 'The body is of an unknown type.'),
  FST_ERR_CTP_BODY_TOO_LARGE: fault(413, 'too_large', 'The body is too large.'),
  FST_INVALID_MULTIPART_CONTENT_TYPE: fault(415, 'invalid', 'The request is not multipart/form-data.', 'file'),
  FST_REQ_FILE_TOO_LARGE: fault(413, 'file_too_large', 'The file is too large.', 'file'),
  FST_FILES_LIMIT: fault(400, 'invalid', 'Send one file.', 'file'),
};

/** Answers every error: expected ones with their code and field, others without a word of their text. */
export function handleError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, body } = problemOf(error);
  if (status >= 500) {
    request.log.error({ err: error, route: request.routeOptions.url, status }, 'request failed');
  }
  return reply.status(status).send(body);
}

/** The status and body for any error. */
export function problemOf(error: unknown): { status: number; body: Problem } {
  if (error instanceof Refusal) {
    const details = Object.keys(error.details).length > 0 ? { details: error.details } : {};
    return { status: error.status, body: { code: error.code, message: error.message, field: error.field, ...details } };
  }
  if (error instanceof z.ZodError) return { status: 400, body: invalid(error.issues) };
  if (hasZodFastifySchemaValidationErrors(error)) {
    return {
      status: 400,
      body: invalid(
        error.validation.map((issue) => ({
          path: issue.instancePath.split('/').filter((part) => part !== ''),
          message: issue.message ?? 'is not valid',
        })),
      ),
    };
  }
  const code = codeOf(error);
  const known = code === null ? undefined : CLIENT_FAULTS[code];
  if (known) {
    const { status, ...body } = known;
    return { status, body };
  }
  if (isAway(error)) {
    return {
      status: 503,
      body: { code: 'store_away', message: 'A part of the system is away: try again in a moment.', field: null },
    };
  }
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' && error.statusCode < 500) {
    return { status: error.statusCode, body: { code: 'invalid', message: 'The request is not valid.', field: null } };
  }
  return { status: 500, body: { code: 'unexpected', message: 'Something went wrong here. It was noted.', field: null } };
}

function invalid(issues: readonly { path: readonly PropertyKey[]; message: string }[]): Problem {
  const faults = issues.map((issue) => {
    const field = issue.path.map(String).join('.');
    return { field, message: issue.message, code: settingFaultOf(field) ?? 'invalid' };
  });
  const first = faults[0];
  return {
    code: first?.code ?? 'invalid',
    message: first ? (first.field === '' ? first.message : `${first.field}: ${first.message}`) : 'The request is not valid.',
    field: first && first.field !== '' ? first.field : null,
    details: { faults },
  };
}

function fault(status: number, code: string, message: string, field: string | null = null): Problem & { status: number } {
  return { status, code, message, field };
}
