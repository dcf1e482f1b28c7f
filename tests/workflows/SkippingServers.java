import io.temporal.testserver.TestServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;

/** For each line on stdin: closes the server of the line before, opens a new one, prints its port. */
public class SkippingServers {
  public static void main(String[] arguments) throws IOException {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    TestServer.PortBoundTestServer server = null;
    while (lines.readLine() != null) {
      if (server != null) {
        server.close();
      }
      int port = freePort();
      server = TestServer.createPortBoundServer(port, true);
      System.out.println(port);
    }
    System.exit(0);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
