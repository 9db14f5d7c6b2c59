/** The contract of the service that is played, as its ConfigMap holds it. */
export function ordersContract(version = '1.0.0'): string {
  return `openapi: 3.1.0
info: { title: Orders, version: ${version}, x-plumbline: { owner: { team: orders } } }
paths:
  /v1/orders:
    post:
      operationId: createOrder
      requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/Order' } } } }
      responses: { '201': { $ref: '#/components/responses/Order' } }
  /v1/orders/{id}:
    get:
      operationId: getOrder
      parameters:
        - { name: id, in: path, required: true, schema: { type: string, maxLength: 40 } }
        - { name: ms, in: query, schema: { type: integer, minimum: 0, maximum: 60000 } }
      responses: { '200': { $ref: '#/components/responses/Order' } }
components:
  schemas:
    Order:
      type: object
      required: [id, total]
      properties: { id: { type: string, maxLength: 40 }, total: { type: number, minimum: 0 } }
  responses:
    Order: { description: an order, content: { application/json: { schema: { $ref: '#/components/schemas/Order' } } } }
`;
}

/** What a hand slips into: the file can be read, and is no contract. */
export const BROKEN_CONTRACT = 'openapi: 3.1.0\ninfo: { title: Orders }\npaths: [nothing]\n';
