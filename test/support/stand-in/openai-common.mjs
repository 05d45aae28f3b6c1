/** Seconds since the epoch, the same in every answer so that two runs give the same bytes. */
export const CREATED_AT = 1_769_718_279;

const ERRORS = {
  400: {
    message: "Unsupported value: 'temperature' does not support 0.2 with this model.",
    type: 'invalid_request_error',
    param: 'temperature',
    code: 'unsupported_value',
  },
  404: { message: 'Invalid URL', type: 'invalid_request_error', param: null, code: null },
  429: {
    message: 'Rate limit reached for requests per min. Limit: 3. Please try again in 20s.',
    type: 'requests',
    param: null,
    code: 'rate_limit_exceeded',
  },
  500: {
    message: 'The server had an error while processing your request. Sorry about that!',
    type: 'server_error',
    param: null,
    code: null,
  },
};

/** Body of an OpenAI error response. @param {number} status */
export function openaiError(status) {
  return { status, body: { error: ERRORS[status] ?? ERRORS[500] } };
}
