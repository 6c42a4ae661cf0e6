// A session of Flink SQL in one JVM: a request a line comes in, an answer a line goes out, both JSON.
// {"sql": text, "rows": n} is answered by {"rows": [...]}, n rows at the most, or by {"error": cause}.
import groovy.json.JsonOutput
import groovy.json.JsonSlurper
import org.apache.flink.table.api.EnvironmentSettings
import org.apache.flink.table.api.TableEnvironment
import org.apache.flink.table.operations.command.SetOperation

def tables = TableEnvironment.create(EnvironmentSettings.inStreamingMode())

def run = { String sql, int wanted ->
    // SET belongs to the client, here as in Zeppelin: a table environment does not run it.
    def operation = tables.parser.parse(sql)[0]
    if (operation instanceof SetOperation) {
        tables.config.configuration.setString(operation.key.get(), operation.value.get())
        return []
    }
    def result = tables.executeSql(sql)
    if (wanted == 0) {
        return []
    }
    def rows = []
    result.collect().withCloseable { found ->
        while (rows.size() < wanted && found.hasNext()) {
            def row = found.next()
            rows << (0..<row.arity).collect { row.getField(it)?.toString() }
        }
    }
    return rows
}

System.in.eachLine('UTF-8') { line ->
    def request = new JsonSlurper().parseText(line)
    def answer
    try {
        answer = [rows: run(request.sql, request.rows)]
    } catch (Throwable error) {
        def cause = error
        while (cause.cause != null) {
            cause = cause.cause
        }
        answer = [error: cause.toString()]
    }
    println JsonOutput.toJson(answer)
}
System.exit(0)
