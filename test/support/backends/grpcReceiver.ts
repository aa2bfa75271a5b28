import { Server, ServerCredentials, type handleUnaryCall } from '@grpc/grpc-js';

/** An OTLP/gRPC backend on loopback. */
export interface GrpcReceiver {
  readonly url: string;
  /** The bodies of all requests, oldest first, as they arrived. */
  readonly bodies: readonly Buffer[];
  stop(): void;
}

export async function startGrpcReceiver(): Promise<GrpcReceiver> {
  const bodies: Buffer[] = [];
  const server = new Server();
  const asIs = (body: Buffer): Buffer => body;
  const Export: handleUnaryCall<Buffer, Buffer> = ({ request }, reply) => {
    bodies.push(request);
    // An empty message of any type.
    reply(null, Buffer.alloc(0));
  };
  server.addService(
    {
      Export: {
        path: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
        requestStream: false,
        responseStream: false,
        requestSerialize: asIs,
        requestDeserialize: asIs,
        responseSerialize: asIs,
        responseDeserialize: asIs,
      },
    },
    { Export },
  );
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  return { url: `http://127.0.0.1:${port}`, bodies, stop: () => server.forceShutdown() };
}
