// Reads notes as Zeppelin does when they are imported, and prints a line of JSON for each: what Zeppelin then
// knows of it, or {"refused": cause}. Arguments: pairs of the .zpln file, and the file into which Zeppelin saves the note.
import groovy.json.JsonOutput
import java.text.SimpleDateFormat
import org.apache.zeppelin.notebook.Note

def read = { File source, File saved ->
    def note = Note.fromJson(null, source.getText('UTF-8'))
    saved.setText(note.toJson(), 'UTF-8')
    return [
        name: note.name,
        id: note.id,
        default_interpreter_group: note.defaultInterpreterGroup,
        paragraphs: note.paragraphs.collect {
            it.parseText()
            [
                id: it.id,
                title: it.title,
                text: it.text,
                interpreter: it.intpText,
                options: it.localProperties,
                script: it.scriptText,
                enabled: it.isEnabled(),
                user: it.user,
                status: it.status.toString(),
                results: it.return?.toString(),
                created: new SimpleDateFormat("yyyy-MM-dd'T'HH:mm:ss").format(it.dateCreated),
            ]
        },
    ]
}

args.collect { new File(it) }.collate(2).each { source, saved ->
    def found
    try {
        found = read(source, saved)
    } catch (IOException error) {
        found = [refused: error.message]
    }
    println JsonOutput.toJson(found)
}
